import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { keys, startGateway } from '../e2e/gateway.ts'

const gateway = await startGateway(t)
const port = Number(new URL(gateway.address).port)
const own = `host: x\r\nauthorization: Bearer ${keys.studio}\r\n`
const typed = `${own}content-type: application/json\r\n`

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Everything that is answered until the gateway closes the connection, or has answered once. */
async function exchange(sent: string | Buffer): Promise<string> {
  const socket = await open()
  const chunks: Buffer[] = []
  const whole = Promise.withResolvers<void>()
  socket.on('error', () => undefined)
  socket.on('close', () => whole.resolve())
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    const [head = '', ...body] = Buffer.concat(chunks).toString().split('\r\n\r\n')
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Infinity)
    if (Buffer.byteLength(body.join('\r\n\r\n')) >= length) whole.resolve()
  })
  socket.write(sent)
  await whole.promise
  socket.destroy()
  return Buffer.concat(chunks).toString()
}

type Row = [what: string, sent: string | Buffer, status: number, code: string, pointer?: string]

async function areAnswered(t: Test, rows: Row[]): Promise<void> {
  for (const [what, sent, status, code, pointer] of rows) {
    const [head = '', body = ''] = (await exchange(sent)).split('\r\n\r\n')
    const problem = body.startsWith('{') ? JSON.parse(body) : { code: body }
    const [first, ...more] = (problem.errors ?? []).map((fault: { pointer: string }) => fault.pointer)
    const said = { status: Number(head.split(' ')[1]), code: problem.code, pointer: first, more }
    t.same(said, { status, code, pointer, more: [] }, what)
    t.match(head, /^content-type: application\/problem\+json\r?$/im, `${what}: content type`)
  }
  t.equal((await fetch(`${gateway.address}/health/live`)).status, 200)
  t.same((await gateway.call('GET', '/generations')).body.data, [], 'nothing was made')
  t.same(await gateway.files(), [], 'and no file is left')
}

function get(line: string, more = ''): string {
  return `${line} HTTP/1.1\r\n${own}${more}\r\n`
}

function post(more: string, body = '{}'): string {
  return `POST /generate HTTP/1.1\r\n${typed}${more}\r\n${body}`
}

function json(body: string | Buffer, path = '/generate', type = 'application/json'): Buffer {
  const head = `POST ${path} HTTP/1.1\r\n${own}content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(body)])
}

function deep(levels: number, open: string, close: string): string {
  return open.repeat(levels) + close.repeat(levels)
}

const malformed = [400, 'malformed_request'] as const
const broken = [400, 'malformed_body', ''] as const
const invalid = [400, 'validation_failed'] as const
const missing = [404, 'not_found'] as const

t.test('bodies', async (t) =>
  areAnswered(t, [
    ['lists in lists', json(deep(500_000, '[', ']')), ...broken],
    ['lists that never end', json('['.repeat(1_000_000)), ...broken],
    ['objects in objects', json(deep(150_000, '{"a":', '}').replace('}', '1}')), ...broken],
    ['a deep field', json(`{"prompt":${deep(33, '[', ']')}}`), ...broken],
    ['a deep field for characters', json(`{"name":${deep(400_000, '[', ']')}}`, '/characters'), ...broken],
    [
      'a deep field for comparisons',
      json(`{"scenes":${deep(400_000, '[', ']')}}`, '/comparisons'),
      ...broken,
    ],
    ['32 levels, all wrong', json(`{"prompt":${deep(31, '[', ']')}}`), ...invalid, '/prompt'],
    ['one name twice', json('{"prompt":"a","prompt":"b"}'), ...invalid, '/prompt'],
    [
      'one name twice, once written otherwise',
      json('{"prompt":"a","\\u0070rompt":"b"}'),
      ...invalid,
      '/prompt',
    ],
    [
      'one name twice inside',
      json('{"prompt":"a","routing":{"fallback":true,"fallback":false}}'),
      ...invalid,
      '/routing/fallback',
    ],
    ['the prototype', json('{"prompt":"a","__proto__":{"x":1}}'), 400, 'malformed_body', '/__proto__'],
    [
      'the prototype, written otherwise',
      json('{"prompt":"a","\\u005f_proto__":{"x":1}}'),
      400,
      'malformed_body',
      '/__proto__',
    ],
    [
      'the prototype inside',
      json('{"prompt":"a","metadata":{"__proto__":"x"}}'),
      400,
      'malformed_body',
      '/metadata/__proto__',
    ],
    [
      'the prototype of the constructor',
      json('{"metadata":{"constructor":{"prototype":{"x":1}}}}'),
      400,
      'malformed_body',
      '/metadata/constructor/prototype',
    ],
    [
      '100,000 entries in a list',
      json(`{"prompt":"a","routing":{"upstreams":[${'"a",'.repeat(100_000)}"a"]}}`),
      ...invalid,
      '/routing/upstreams',
    ],
    ['a string of 900,000 characters', json(`{"prompt":"${'x'.repeat(900_000)}"}`), ...invalid, '/prompt'],
    ['a string without an end', json(`{"prompt":"${'\\'.repeat(100_000)}`), ...broken],
    ['more than 1 MiB', json(`{"prompt":"${'x'.repeat(1024 * 1024)}"}`), 413, 'payload_too_large', ''],
    ['a number beyond all numbers', json('{"prompt":"a","duration":1e400}'), ...invalid, '/duration'],
    [
      'a number of 100,000 digits',
      json(`{"prompt":"a","duration":${'9'.repeat(100_000)}}`),
      ...invalid,
      '/duration',
    ],
    ['NUL', json('{"prompt":"a\\u0000b"}'), ...invalid, '/prompt'],
    ['half a surrogate pair', json('{"prompt":"\\ud800"}'), ...invalid, '/prompt'],
    ['a raw control character', json('{"prompt":"a\nb"}'), ...broken],
    ['bytes that are not UTF-8', json(Buffer.from('{"prompt":"caf\xe9"}', 'latin1')), ...broken],
    ['UTF-8 of more bytes than it takes', json(Buffer.from('{"prompt":"\xc0\xaf"}', 'latin1')), ...broken],
    ['UTF-16', json(Buffer.from('{"prompt":"a"}', 'utf16le')), ...broken],
    ['gzip', json(Buffer.from('1f8b080000000000', 'hex')), ...broken],
    ['NaN', json('{"prompt":"a","duration":NaN}'), ...broken],
    ['comments', json('{"prompt":"a"/**/}'), ...broken],
    [
      'another type',
      json('{}', '/generate', 'text/plain'),
      415,
      'unsupported_media_type',
      '#/headers/content-type',
    ],
    [
      'XML',
      json('<a/>', '/generate', 'application/xml'),
      415,
      'unsupported_media_type',
      '#/headers/content-type',
    ],
    [
      'a type with a path in it',
      json('{}', '/generate', 'application/json/../x'),
      415,
      'unsupported_media_type',
      '#/headers/content-type',
    ],
    [
      'a form where none is taken',
      json('x', '/comparisons', 'multipart/form-data; boundary=x'),
      415,
      'unsupported_media_type',
      '#/headers/content-type',
    ],
    [
      'no type',
      `POST /generate HTTP/1.1\r\n${own}content-length: 2\r\n\r\n{}`,
      415,
      'unsupported_media_type',
      '#/headers/content-type',
    ],
  ]),
)

t.test('where one request ends and the next begins', async (t) => {
  await areAnswered(t, [
    [
      'a length and chunks',
      post('content-length: 2\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'),
      ...malformed,
    ],
    [
      'chunks and a length',
      post('transfer-encoding: chunked\r\ncontent-length: 2\r\n', '0\r\n\r\n'),
      ...malformed,
    ],
    ['two lengths', post('content-length: 2\r\ncontent-length: 3\r\n'), ...malformed],
    ['two lengths in one', post('content-length: 2, 2\r\n'), ...malformed],
    ['a length with a sign', post('content-length: +2\r\n'), ...malformed],
    ['a length below nothing', post('content-length: -2\r\n'), ...malformed],
    ['a length in hex', post('content-length: 0x2\r\n'), ...malformed],
    ['a length beyond all', post('content-length: 99999999999999999999\r\n'), ...malformed],
    [
      'two codings',
      post('transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n', '0\r\n\r\n'),
      ...malformed,
    ],
    [
      'chunks in HTTP/1.0',
      post('transfer-encoding: chunked\r\n', '0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0'),
      ...malformed,
    ],
    ['a coding around chunks', post('transfer-encoding: gzip, chunked\r\n', '0\r\n\r\n'), ...malformed],
    ['a coding almost called chunked', post('transfer-encoding: xchunked\r\n', '0\r\n\r\n'), ...malformed],
    ['a space before the colon', post('transfer-encoding : chunked\r\n', '0\r\n\r\n'), ...malformed],
    ['a chunk of no number', post('transfer-encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'), ...malformed],
    [
      'a chunk with a long story',
      post('transfer-encoding: chunked\r\n', `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
      ...malformed,
    ],
    [
      'trailers without end',
      post('transfer-encoding: chunked\r\n', `0\r\n${'x: y\r\n'.repeat(10_000)}\r\n`),
      431,
      'headers_too_large',
    ],
    ['no host', 'GET /generations HTTP/1.1\r\n\r\n', ...malformed],
    ['two hosts', get('GET /generations', 'host: y\r\n'), ...malformed],
    ['a folded header', get('GET /generations', 'x: a\r\n b\r\n'), ...malformed],
    ['lines without a carriage return', 'GET /generations HTTP/1.1\nhost: x\n\n', ...malformed],
    ['NUL in a header', get('GET /generations', 'x: a\0b\r\n'), ...malformed],
    ['a carriage return in a header', get('GET /generations', 'x: a\rb\r\n'), ...malformed],
    ['HTTP/0.9', 'GET /generations\r\n\r\n', ...malformed],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ...malformed],
    ['TLS', Buffer.from('1603010200010001fc0303', 'hex'), ...malformed],
    ['a proxy request', get('CONNECT evil.example:443'), ...malformed],
    ['20 kB of headers', get('GET /generations', `x: ${'y'.repeat(20_000)}\r\n`), 431, 'headers_too_large'],
    ['2,500 headers', get('GET /generations', 'x: 1\r\n'.repeat(2_500)), 431, 'headers_too_large'],
    ['30 kB of URL', get(`GET /${'a'.repeat(30_000)}`), 431, 'headers_too_large'],
    [
      'an expectation that nobody knows',
      post('expect: miracles\r\ncontent-length: 2\r\n'),
      ...invalid,
      '/prompt',
    ],
  ])
  const smuggled = get('GET /generations')
  const answers = await exchange(post(`transfer-encoding: gzip, chunked\r\n`, `0\r\n\r\n${smuggled}`))
  t.equal(answers.split('HTTP/1.1 ').length - 1, 1, 'what follows a refused request is not read as another')
})

t.test('paths, methods and parameters', async (t) => {
  const id = 'gen_01kasp3v5tq8c9d4wz7m2n6xhr'
  const climbs = [
    '/media/../../etc/passwd',
    '/media/..%2f..%2fetc%2fpasswd',
    '/media/%2e%2e%2f%2e%2e%2f',
    '/generations/..%2f..%2fx/video',
    '/characters/..%2f..%2fetc%2fpasswd/clip',
    '/characters/%00/clip',
    '/characters/a%0d%0ax:y/clip',
    '/media/a%0d%0ab',
    '/docs/static/../../package.json',
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/..%5c..%5cpackage.json',
    '/sheets/..%2f..%2f',
    '/comparisons/..%2f..%2f/sheet',
    `/generations/${id}%00/video`,
    `/generations/${id}%0d%0a/video`,
    `/generations/${'a'.repeat(15_000)}`,
    '//evil.example/generations',
    '/\\evil.example/generations',
  ]
  const methods = ['TRACE', 'PROPFIND', 'PATCH', 'QUERY', 'OPTIONS', 'PURGE']
  await areAnswered(t, [
    ...climbs.map((path): Row => [path.slice(0, 60), get(`GET ${path}`), ...missing]),
    ...methods.map((method): Row => [method, get(`${method} /generations`), 405, 'method_not_allowed']),
    ['a method of its own', get('FOO /generations'), ...malformed],
    ['a method in small letters', get('get /generations'), ...malformed],
    ['another scheme', get('GET ftp://evil.example/generations'), ...missing],
    ['a path that is not UTF-8', get('GET /generations/%c0%ae%c0%ae/x'), ...malformed],
    ['3,500 parameters', get(`GET /generations?${'a=1&'.repeat(3500)}`), ...invalid, '#/query/a'],
    ['the prototype as a parameter', get('GET /generations?__proto__=1'), ...invalid, '#/query/__proto__'],
    ['NUL in a parameter', get('GET /generations?cursor=%00'), ...invalid, '#/query/cursor'],
    [
      'an id of an event that is none',
      get(`GET /generations/${id}/events`, 'last-event-id: 1e9\r\n'),
      ...invalid,
      '#/headers/last-event-id',
    ],
    [
      'a key with a tab',
      post('idempotency-key: a\tb\r\ncontent-length: 2\r\n'),
      ...invalid,
      '#/headers/idempotency-key',
    ],
    [
      'a key that is not ASCII',
      post('idempotency-key: caf\xe9\r\ncontent-length: 2\r\n'),
      ...invalid,
      '#/headers/idempotency-key',
    ],
    [
      'a key of 10,000 characters',
      post(`idempotency-key: ${'k'.repeat(10_000)}\r\ncontent-length: 2\r\n`),
      ...invalid,
      '#/headers/idempotency-key',
    ],
  ])
  const spoken = await exchange(get('GET /generations', 'x-request-id: a b<script>\r\n'))
  t.notMatch(spoken, /script/, 'an id that is none is not repeated')
})
