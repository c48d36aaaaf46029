import { setTimeout as pause } from 'node:timers/promises'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { form } from '../http/forms.ts'
import type { Part } from '../http/forms.ts'
import { keys, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const gateway = await startGateway(t)
const { origin, control } = gateway.simulator
const own = { authorization: `Bearer ${keys.studio}` }
const other = { authorization: `Bearer ${keys.other}` }
const clip = { seconds: 2, width: 320, height: 240 }

interface Case {
  what: string
  path: string
  headers?: Record<string, string>
  body: string | Uint8Array<ArrayBuffer>
  status: number
  code: string
  pointer: string | null
}

function json(path: string, body: unknown): Pick<Case, 'path' | 'headers' | 'body'> {
  return { path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function generate(change: object): Pick<Case, 'path' | 'headers' | 'body'> {
  return json('/generate', { prompt: 'a lighthouse', ...change })
}

function character(change: object): Pick<Case, 'path' | 'headers' | 'body'> {
  return json('/characters', { name: 'girl', ...change })
}

function multipart(path: string, parts: Part[], end?: string) {
  const { headers, payload } = form(parts, end)
  return { path, headers, body: new Uint8Array(payload) }
}

function invalid(pointer: string): Pick<Case, 'status' | 'code' | 'pointer'> {
  return { status: 400, code: 'validation_failed', pointer }
}

function upload(value: Buffer): Omit<Part, 'name'> {
  return { filename: 'a.mp4', type: 'video/mp4', value }
}

async function send({ path, headers, body }: Pick<Case, 'path' | 'headers' | 'body'>): Promise<Answer> {
  const url = `${gateway.address}${path}`
  const response = await fetch(url, { method: 'POST', headers: { ...own, ...headers }, body })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

function isProblem(t: Test, answer: Answer, { what, status, code, pointer }: Omit<Case, 'path' | 'body'>) {
  const type = answer.headers.get('content-type')
  t.match(
    { type, ...answer.body, answered: answer.status },
    {
      type: `urn:understudy:problem:${code}`,
      answered: status,
      status,
      code,
      title: String,
      detail: String,
      request_id: answer.headers.get('x-request-id'),
    },
    what,
  )
  t.equal(type, 'application/problem+json', `${what}: content type`)
  const pointers = (answer.body.errors ?? []).map((fault: { pointer: string }) => fault.pointer)
  t.same(pointers, pointer === null ? [] : [pointer], `${what}: pointer`)
}

/** Looks again until it holds; the bound is far above what it takes. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 1000) throw new Error('did not come to hold')
    await pause(5)
  }
}

async function isUntouched(t: Test, files: string[] = []): Promise<void> {
  for (const headers of [{}, other]) {
    t.same((await gateway.call('GET', '/generations', undefined, headers)).body.data, [])
    t.same((await gateway.call('GET', '/characters', undefined, headers)).body.data, [])
  }
  t.same(await gateway.files(), files)
  t.same(control.renders(), [])
}

async function isServing(t: Test): Promise<void> {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  t.equal(generation.status, 'completed')
  const { status } = await gateway.call('DELETE', `/generations/${generation.id}`)
  t.equal(status, 204)
  control.reset()
}

async function areRefused(t: Test, cases: Case[]): Promise<void> {
  for (const each of cases) isProblem(t, await send(each), each)
  await isUntouched(t)
  await isServing(t)
}

t.test('a body that says nonsense is answered with its faults, and nothing is stored', async (t) => {
  const two = { image_url: `${origin}/i.png`, video_url: `${origin}/clips/a.mp4` }
  await areRefused(t, [
    { what: 'an unknown field', ...generate({ promt: 'x' }), ...invalid('/promt') },
    {
      what: 'an unknown field inside',
      ...generate({ routing: { prority: 'cost' } }),
      ...invalid('/routing/prority'),
    },
    { what: 'a wrong type', ...generate({ duration: '10' }), ...invalid('/duration') },
    { what: 'an empty prompt', ...generate({ prompt: '' }), ...invalid('/prompt') },
    {
      what: 'a prompt of 33,000 characters',
      ...generate({ prompt: 'x'.repeat(33_000) }),
      ...invalid('/prompt'),
    },
    { what: 'a negative duration', ...generate({ duration: -1 }), ...invalid('/duration') },
    { what: 'two meanings of one reference', ...generate({ reference: two }), ...invalid('/reference') },
    {
      what: 'an unknown character',
      ...generate({ prompt: '@nobody waves' }),
      status: 422,
      code: 'character_not_found',
      pointer: '/prompt',
    },
    {
      what: 'an unknown character id',
      ...generate({ prompt: '@char_01kasp3v5tq8c9d4wz7m2n6xhr waves' }),
      status: 422,
      code: 'character_not_found',
      pointer: '/prompt',
    },
    {
      what: 'malformed JSON',
      ...json('/generate', {}),
      body: '{"prompt": "a',
      status: 400,
      code: 'malformed_body',
      pointer: '',
    },
    {
      what: '50 MB of JSON',
      ...generate({ prompt: 'x'.repeat(50_000_000) }),
      status: 413,
      code: 'payload_too_large',
      pointer: '',
    },
    { what: 'a name that is none', ...character({ name: 'Girl!', video_url: origin }), ...invalid('/name') },
    { what: 'a character without a clip', ...character({}), ...invalid('') },
    {
      what: 'a clip span beyond the clip',
      ...character({
        video_url: `${origin}/clips/a.mp4?seconds=2&size=320x240`,
        clip: { start: 1, end: 60 },
      }),
      ...invalid('/clip'),
    },
    {
      what: 'a generation that does not exist',
      ...character({ generation_id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr' }),
      status: 404,
      code: 'not_found',
      pointer: '/generation_id',
    },
  ])
})

t.test('a form with a bad part is refused whole, and the file that came with it is not kept', async (t) => {
  const bytes = await aClip(clip)
  const video = { name: 'reference', value: bytes, filename: 'a.mp4', type: 'video/mp4' }
  const prompt = { name: 'prompt', value: 'a lighthouse' }
  const name = { name: 'name', value: 'girl' }
  const unnamed = { name: 'video', value: bytes, type: 'application/octet-stream' }
  await areRefused(t, [
    {
      what: 'a reference without a filename',
      ...multipart('/generate', [prompt, { ...unnamed, name: 'reference' }]),
      ...invalid('/reference'),
    },
    {
      what: 'a clip without a filename',
      ...multipart('/characters', [name, unnamed]),
      ...invalid('/video'),
    },
    {
      what: 'a good file before a bad field',
      ...multipart('/generate', [video, { name: 'prompt', value: '' }]),
      ...invalid('/prompt'),
    },
    {
      what: 'a good file in a request that no upstream takes',
      ...multipart('/generate', [video, prompt, { name: 'model', value: 'no-such-model' }]),
      status: 422,
      code: 'no_upstream',
      pointer: '/model',
    },
    {
      what: 'a good clip under a bad name',
      ...multipart('/characters', [
        { ...video, name: 'video' },
        { name: 'name', value: 'Girl!' },
      ]),
      ...invalid('/name'),
    },
    {
      what: 'a form that ends within its file',
      ...multipart('/generate', [prompt, video], ''),
      status: 400,
      code: 'malformed_body',
      pointer: '',
    },
  ])
})

t.test('an upload that its sender breaks off leaves nothing behind', async (t) => {
  const value = await aClip(clip)
  const name = { name: 'name', value: 'girl' }
  const { headers, body } = multipart('/characters', [name, { name: 'video', ...upload(value) }])
  const half = body.slice(0, body.length / 2)
  const giveUp = new AbortController()
  const sent = Promise.withResolvers<void>()
  const stream = new ReadableStream({
    start: (controller) => controller.enqueue(half),
    // Asked for more, so the first half has left.
    pull: () => sent.resolve(),
  })
  const url = `${gateway.address}/characters`
  const options = { method: 'POST', headers: { ...own, ...headers }, signal: giveUp.signal }
  const answer = fetch(url, { ...options, body: stream, duplex: 'half' })
  await sent.promise
  await until(async () => (await gateway.files()).length === 1)
  giveUp.abort()
  await t.rejects(answer, { name: 'AbortError' })
  await until(async () => (await gateway.files()).length === 0)
  await isUntouched(t)
  await isServing(t)
})

t.test('asking for the plan of a request stores nothing, not even the file that came with it', async (t) => {
  const video = { name: 'reference', ...upload(await aClip(clip)) }
  const plan = await send(multipart('/route', [{ name: 'prompt', value: 'a lighthouse' }, video]))
  t.match(plan, { status: 200, body: { candidates: [{ upstream: 'official' }] } })
  await isUntouched(t)
})

t.test('a clip that is not a video is refused, wherever it comes from', async (t) => {
  const bytes = await aClip(clip)
  const black = { width: 320, height: 240, channels: 3, background: '#000' } as const
  const picture = await sharp({ create: black }).png().toBuffer()
  const refused = { status: 422, code: 'not_media' }
  const page = Buffer.from('<!doctype html><title>Not a video</title>')
  const cut = bytes.subarray(0, bytes.length / 2)
  const odd = Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(4096, 7)])
  const files: Array<[what: string, bytes: Buffer]> = [
    ['a page', page],
    ['JSON', Buffer.from('{"video": true}')],
    ['nothing', Buffer.alloc(0)],
    ['half of a video', cut],
    ['the head of a video', odd],
  ]
  await areRefused(t, [
    ...files.flatMap(([what, value]) => [
      {
        what: `${what} as a clip`,
        ...multipart('/characters', [
          { name: 'name', value: 'girl' },
          { name: 'video', ...upload(value) },
        ]),
        ...refused,
        pointer: '/video',
      },
      {
        what: `${what} as a reference`,
        ...multipart('/generate', [
          { name: 'prompt', value: 'x' },
          { name: 'reference', ...upload(value) },
        ]),
        ...refused,
        pointer: '/reference',
      },
    ]),
    {
      what: 'a picture as a clip',
      ...multipart('/characters', [
        { name: 'name', value: 'girl' },
        { name: 'video', ...upload(picture) },
      ]),
      ...refused,
      pointer: '/video',
    },
    {
      what: 'JSON by URL as a clip',
      ...character({ video_url: `${origin}/control/bill` }),
      ...refused,
      pointer: '/video_url',
    },
    {
      what: 'JSON by URL as a reference',
      ...generate({ reference: { video_url: `${origin}/control/bill` } }),
      ...refused,
      pointer: '/reference/video_url',
    },
    {
      what: 'a URL where nothing is',
      ...character({ video_url: `${origin}/nothing.mp4` }),
      status: 422,
      code: 'url_unreachable',
      pointer: '/video_url',
    },
  ])
})

t.test('an address that is not public is never called, however it is written', async (t) => {
  const urls = [
    'http://10.0.0.1/x.mp4',
    'http://172.16.0.1/x.mp4',
    'http://192.168.1.1/x.mp4',
    'http://100.64.0.1/x.mp4',
    'http://169.254.169.254/latest/meta-data/',
    'http://0.0.0.0/x.mp4',
    'http://127.1.1.1/x.mp4',
    'http://0x7f000002/x.mp4',
    'http://2130706434/x.mp4',
    'http://0177.0.0.2/x.mp4',
    'http://127.2/x.mp4',
    'http://[::1]:1/x.mp4',
    'http://[::ffff:10.0.0.1]/x.mp4',
    'http://[64:ff9b::a00:1]/x.mp4',
    'http://[fd00::1]/x.mp4',
    'http://[fe80::1]/x.mp4',
    'http://255.255.255.255/x.mp4',
    'http://224.0.0.1/x.mp4',
  ]
  const forbidden = { status: 422, code: 'url_forbidden' }
  await areRefused(
    t,
    urls.flatMap((url) => [
      { what: `${url} as a clip`, ...character({ video_url: url }), ...forbidden, pointer: '/video_url' },
      {
        what: `${url} as a reference`,
        ...generate({ reference: { video_url: url } }),
        ...forbidden,
        pointer: '/reference/video_url',
      },
    ]),
  )
})

t.test('a redirect to an address that is not public is not followed', async (t) => {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  const files = await gateway.files()
  const [job] = control.renders('reseller')
  const poll = await fetch(`${gateway.simulator.baseUrl('reseller')}/sora/tasks/${job?.id}`, {
    headers: { authorization: 'Bearer reseller-key-0001' },
  })
  const { video_url: url }: any = await poll.json()
  control.setFaults('reseller', [{ kind: 'redirect', to: 'http://169.254.169.254/x.mp4' }])
  isProblem(t, await send(character({ video_url: url })), {
    what: 'a redirect',
    status: 422,
    code: 'url_forbidden',
    pointer: '/video_url',
  })
  t.same(await gateway.files(), files)
  t.equal((await gateway.call('DELETE', `/generations/${generation.id}`)).status, 204)
  control.reset()
})

t.test('another key’s things are not there, and without a key nothing is', async (t) => {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  const missing = { status: 404, code: 'not_found', pointer: '#/path/id' }
  const calls: Array<[method: string, path: string]> = [
    ['GET', ''],
    ['GET', '?wait=1'],
    ['GET', '/events'],
    ['GET', '/video'],
    ['GET', '/thumbnail'],
    ['POST', '/cancel'],
    ['DELETE', ''],
  ]
  for (const [method, tail] of calls) {
    const path = `/generations/${generation.id}${tail}`
    const what = `${method} ${tail}`
    isProblem(t, await gateway.call(method, path, undefined, other), { what, ...missing })
    for (const authorization of ['', 'Bearer no-such-key-00000', `Basic ${keys.studio}`]) {
      const answer = await gateway.call(method, path, undefined, { authorization })
      isProblem(t, answer, {
        what: `${what} as ${authorization}`,
        status: 401,
        code: 'unauthorized',
        pointer: '#/headers/authorization',
      })
      t.match(answer.headers.get('www-authenticate'), /^Bearer/)
    }
  }
  t.same((await gateway.call('GET', '/generations', undefined, other)).body.data, [])
  t.match((await gateway.call('GET', `/generations/${generation.id}`)).body, generation)
  const unauthorized = await fetch(`${gateway.address}/generate`, {
    method: 'POST',
    body: 'x'.repeat(100_000),
  })
  t.equal(unauthorized.status, 401)
  t.equal((await gateway.call('DELETE', `/generations/${generation.id}`)).status, 204)
  control.reset()
  await isUntouched(t)
})

t.test('a range past the end is refused with the size of the file', async (t) => {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  const path = `/generations/${generation.id}/video`
  const range = `bytes=${generation.video.bytes}-`
  const answer = await gateway.call('GET', path, undefined, { range })
  isProblem(t, answer, {
    what: range,
    status: 416,
    code: 'range_not_satisfiable',
    pointer: '#/headers/range',
  })
  t.equal(answer.headers.get('content-range'), `bytes */${generation.video.bytes}`)
  t.equal((await gateway.call('GET', path)).body.length, generation.video.bytes)
})

t.test('a wait may be any number of seconds', async (t) => {
  const gateway = await startGateway(t)
  const { body } = await gateway.call('POST', '/generate', { prompt: 'a boat' })
  // Timers take whole milliseconds only.
  const { status } = await gateway.call('GET', `/generations/${body.id}?wait=0.0123456789`)
  t.equal(status, 200)
})
