import t from 'tap'
import { keys, startGateway } from '../e2e/gateway.ts'
import { aClip } from '../fixtures/clips.ts'

// First, because making it blocks this process, and a gateway that is blocked turns calls away.
const clip = await aClip({ seconds: 1, width: 320, height: 240 })
const gateway = await startGateway(t, { media: { max_bytes: 300_000 } })
const boundary = 'hostile'

interface Row {
  what: string
  path?: string
  type?: string
  parts: Buffer[]
  end?: string
  answer: readonly [status: number, code: string, pointer?: string]
}

function part(disposition: string, value: string | Buffer, headers = ''): Buffer {
  const head = `--${boundary}\r\ncontent-disposition: ${disposition}\r\n${headers}\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')])
}

function field(name: string, value: string | Buffer, headers = ''): Buffer {
  return part(`form-data; name="${name}"`, value, headers)
}

function video(named: string, value = clip, name = 'video'): Buffer {
  return part(`form-data; name="${name}"; ${named}`, value, 'content-type: video/mp4\r\n')
}

async function send({ path = '/characters', type, parts, end = `--${boundary}--\r\n` }: Omit<Row, 'answer'>) {
  const response = await fetch(`${gateway.address}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${keys.studio}`,
      'content-type': type ?? `multipart/form-data; boundary=${boundary}`,
    },
    body: new Uint8Array(Buffer.concat([...parts, Buffer.from(end)])),
  })
  const body: any = await response.json()
  return { status: response.status, type: response.headers.get('content-type'), body }
}

const broken = [400, 'malformed_body', ''] as const
const many = [413, 'payload_too_large', ''] as const
const unsupported = [415, 'unsupported_media_type', '#/headers/content-type'] as const
const name = field('name', 'girl')
const json = 'content-type: application/json\r\n'

function wrong(pointer: string) {
  return [400, 'validation_failed', pointer] as const
}

function named(what: string, disposition: string): Row {
  return { what, parts: [name, video(disposition)], answer: wrong('/video') }
}

const files: Row[] = [
  named('a file called ..', 'filename=".."'),
  named('a file called /', 'filename="/"'),
  named('a file of no name', 'filename=""'),
  named('a file name with NUL', "filename*=UTF-8''a%00b.mp4"),
  named('a file name with an escape', "filename*=UTF-8''%1b[2Ja.mp4"),
  named('a file name that is not UTF-8', "filename*=UTF-8''%ff%fe.mp4"),
  named('a file name that turns its end around', "filename*=UTF-8''a%E2%80%AE4pm.exe"),
  { what: 'a file without a name', parts: [name, field('video', clip)], answer: wrong('/video') },
  {
    what: 'two files',
    parts: [name, video('filename="a.mp4"'), video('filename="b.mp4"')],
    answer: wrong('/video'),
  },
  {
    what: 'a file in a text field',
    parts: [part('form-data; name="name"; filename="a"', clip), video('filename="a.mp4"')],
    answer: wrong('/name'),
  },
  {
    what: 'a file in an unknown field',
    parts: [name, video('filename="a"', clip, 'x')],
    answer: wrong('/x'),
  },
  {
    what: 'a form in a form',
    parts: [
      name,
      field(
        'video',
        '--in\r\ncontent-disposition: file; filename="a"\r\n\r\nx\r\n--in--',
        'content-type: multipart/mixed; boundary=in\r\n',
      ),
    ],
    answer: wrong('/video'),
  },
  {
    what: 'a file that is too large',
    parts: [name, video('filename="a.mp4"', Buffer.concat([clip, Buffer.alloc(400_000)]))],
    answer: [413, 'payload_too_large', '/video'],
  },
  { what: 'a form that ends in a file', parts: [name, video('filename="a.mp4"')], end: '', answer: broken },
]

const fields: Row[] = [
  {
    what: 'a form that ends in a header',
    parts: [name, Buffer.from(`--${boundary}\r\ncontent-dis`)],
    end: '',
    answer: broken,
  },
  { what: 'a form that never ends', parts: [name], end: `--${boundary}\r\n`, answer: broken },
  { what: 'no boundary', parts: [name], type: 'multipart/form-data', answer: broken },
  { what: 'an empty boundary', parts: [name], type: 'multipart/form-data; boundary=', answer: broken },
  { what: 'another boundary', parts: [name], type: 'multipart/form-data; boundary=other', answer: broken },
  {
    what: 'a boundary of 5,000 characters',
    parts: [name],
    type: `multipart/form-data; boundary=${'b'.repeat(5000)}`,
    answer: broken,
  },
  {
    what: 'another kind of parts',
    parts: [name],
    type: `multipart/mixed; boundary=${boundary}`,
    answer: unsupported,
  },
  {
    what: '5,000 fields',
    parts: Array.from({ length: 5000 }, (_, at) => field(`f${at}`, '1')),
    answer: many,
  },
  { what: '5,000 times one field', parts: Array.from({ length: 5000 }, () => name), answer: wrong('/name') },
  {
    what: 'a field of 300 kB',
    path: '/route',
    parts: [field('metadata', 'x'.repeat(300_000))],
    answer: wrong('/metadata'),
  },
  { what: 'a field without a name', parts: [part('form-data', '1')], answer: broken },
  { what: 'a field called __proto__', parts: [field('__proto__', '1')], answer: broken },
  { what: 'a field called constructor', parts: [field('constructor', '1')], answer: broken },
  {
    what: 'the prototype in JSON',
    path: '/route',
    parts: [field('prompt', 'a'), field('metadata', '{"__proto__":"x"}')],
    answer: wrong('/metadata'),
  },
  {
    what: 'the prototype in a part of JSON',
    path: '/route',
    parts: [field('prompt', 'a'), field('metadata', '{"__proto__":{"x":1}}', json)],
    answer: broken,
  },
  {
    what: 'one name twice in JSON',
    path: '/route',
    parts: [field('prompt', 'a'), field('routing', '{"fallback":true,"fallback":false}')],
    answer: wrong('/routing'),
  },
  {
    what: 'deep JSON',
    path: '/route',
    parts: [field('prompt', 'a'), field('metadata', '['.repeat(100_000) + ']'.repeat(100_000))],
    answer: wrong('/metadata'),
  },
  {
    what: 'deep JSON in a part of JSON',
    path: '/route',
    parts: [field('prompt', 'a'), field('metadata', '['.repeat(100_000) + ']'.repeat(100_000), json)],
    answer: wrong('/metadata'),
  },
  {
    what: 'JSON for text',
    path: '/route',
    parts: [field('prompt', '{"a":1}', json)],
    answer: wrong('/prompt'),
  },
  {
    what: 'bytes that are not UTF-8',
    path: '/route',
    parts: [field('prompt', Buffer.from('caf\xe9', 'latin1'))],
    answer: wrong('/prompt'),
  },
  { what: 'NUL', path: '/route', parts: [field('prompt', 'a\0b')], answer: wrong('/prompt') },
  {
    what: 'a part with 100 kB of headers',
    parts: [field('name', '1', `x: ${'y'.repeat(100_000)}\r\n`)],
    answer: wrong('/name'),
  },
  {
    what: 'a part with 10,000 headers',
    parts: [field('name', '1', 'x: y\r\n'.repeat(10_000))],
    answer: wrong('/name'),
  },
  {
    what: '100 kB before the first part',
    parts: [Buffer.alloc(100_000, 'x'), Buffer.from('\r\n'), name],
    answer: wrong('/video'),
  },
]

t.test('a hostile form is refused by code and pointer, and none of its files is kept', async (t) => {
  for (const row of [...files, ...fields]) {
    const { status, type, body } = await send(row)
    const pointers = (body.errors ?? []).map((fault: { pointer: string }) => fault.pointer)
    const [expected, code, pointer] = row.answer
    t.same(
      { status, type, code: body.code },
      { status: expected, type: 'application/problem+json', code },
      row.what,
    )
    t.ok(pointers.includes(pointer), `${row.what}: ${pointers.join(' ')}`)
    t.same(await gateway.files(), [], `${row.what}: files`)
  }
  t.same((await gateway.call('GET', '/characters')).body.data, [])
  t.equal((await fetch(`${gateway.address}/health/live`)).status, 200)
})

t.test('the compatible interface refuses the same in its own words', async (t) => {
  for (const parts of [
    [field('prompt', 'a'), field('__proto__[x]', '1')],
    [field('prompt', 'a'), field('input_reference[__proto__]', '1')],
    [field('prompt', 'a'), field('constructor[prototype][x]', '1')],
  ]) {
    const { status, body } = await send({ what: '', path: '/v1/videos', parts })
    t.match({ status, body }, { status: 400, body: { error: { type: 'invalid_request_error' } } })
  }
  t.equal(Reflect.get({}, 'x'), undefined)
})

t.test('a file name is a name and never a path', async (t) => {
  const table = [
    ['filename="../../../etc/passwd"', 'passwd'],
    ['filename="C:\\\\x\\\\a.mp4"', 'a.mp4'],
    ["filename*=UTF-8''..%2f..%2fetc%2fpasswd", 'passwd'],
    ['filename="a;b=\'c\'.mp4"', "a;b='c'.mp4"],
    ["filename*=UTF-8''%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7.mp4", '👩‍👧.mp4'],
  ] as const
  for (const [disposition, expected] of table) {
    const { status, body } = await send({ what: '', parts: [name, video(disposition)] })
    t.match({ status, source: body.source }, { status: 201, source: { file_name: expected } })
    const stored = await gateway.files()
    t.match(stored, [/^media_[0-9a-z]{26}$/], 'on the disk it has an id for a name')
    const { headers } = await gateway.call('GET', `/characters/${body.id}/clip`)
    t.equal(headers.get('content-disposition'), `inline; filename="${body.id}.mp4"`)
    await gateway.call('DELETE', `/characters/${body.id}`)
  }
})
