import type { InjectOptions } from 'fastify'
import t from 'tap'
import { form } from './forms.ts'
import { asMaker, createStubs, serve } from './stub-services.ts'

const clip = { name: 'reference', value: 'bytes', filename: 'clip.mp4', type: 'video/mp4' }
const prompt = { name: 'prompt', value: 'a lighthouse' }

interface Case {
  what: string
  request: InjectOptions
  status: number
  code: string
  pointers?: string[]
}

function json(payload: unknown): InjectOptions {
  return { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(payload) }
}

/** A body for `/generate` that is right but for one thing. */
function but(change: object): InjectOptions {
  return json({ prompt: 'a lighthouse', ...change })
}

const invalid = { status: 400, code: 'validation_failed' }

const generateCases: Case[] = [
  { what: 'no prompt', request: json({}), ...invalid, pointers: ['/prompt'] },
  { what: 'an empty prompt', request: but({ prompt: ' \n' }), ...invalid, pointers: ['/prompt'] },
  {
    what: 'a prompt of 32,001 characters',
    request: but({ prompt: 'x'.repeat(32_001) }),
    ...invalid,
    pointers: ['/prompt'],
  },
  { what: 'a prompt with NUL', request: but({ prompt: 'a\0b' }), ...invalid, pointers: ['/prompt'] },
  { what: 'half a surrogate pair', request: but({ prompt: 'a\ud800b' }), ...invalid, pointers: ['/prompt'] },
  { what: 'a prompt that is a number', request: but({ prompt: 7 }), ...invalid, pointers: ['/prompt'] },
  { what: 'an unknown field', request: but({ promt: 'x' }), ...invalid, pointers: ['/promt'] },
  { what: 'an unknown field with a slash', request: but({ 'a/b~c': 1 }), ...invalid, pointers: ['/a~1b~0c'] },
  { what: 'null for a required field', request: but({ prompt: null }), ...invalid, pointers: ['/prompt'] },
  { what: 'a negative duration', request: but({ duration: -1 }), ...invalid, pointers: ['/duration'] },
  { what: 'no duration at all', request: but({ duration: 0 }), ...invalid, pointers: ['/duration'] },
  { what: 'an hour', request: but({ duration: 3600 }), ...invalid, pointers: ['/duration'] },
  { what: 'a duration as text', request: but({ duration: '10' }), ...invalid, pointers: ['/duration'] },
  { what: 'a size in words', request: but({ size: 'large' }), ...invalid, pointers: ['/size'] },
  { what: 'a size of 15 pixels', request: but({ size: '15x720' }), ...invalid, pointers: ['/size'] },
  { what: 'a size of 8193 pixels', request: but({ size: '1280x8193' }), ...invalid, pointers: ['/size'] },
  {
    what: 'two meanings of one reference',
    request: but({
      reference: { image_url: 'https://a.example/i.png', video_url: 'https://a.example/v.mp4' },
    }),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'a reference to nothing',
    request: but({ reference: { influence: 1 } }),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'an influence above 1',
    request: but({ reference: { image_url: 'https://a.example/i.png', influence: 1.1 } }),
    ...invalid,
    pointers: ['/reference/influence'],
  },
  {
    what: 'a reference by file URL',
    request: but({ reference: { image_url: 'file:///etc/passwd' } }),
    ...invalid,
    pointers: ['/reference/image_url'],
  },
  {
    what: 'a reference with a password',
    request: but({ reference: { image_url: 'https://me:secret@a.example/' } }),
    ...invalid,
    pointers: ['/reference/image_url'],
  },
  {
    what: 'a webhook by ftp',
    request: but({ webhook_url: 'ftp://a.example/' }),
    ...invalid,
    pointers: ['/webhook_url'],
  },
  {
    what: 'several faults at once',
    request: but({ duration: -1, routing: { priority: 'speed', upstreams: [], x: 1 } }),
    ...invalid,
    pointers: ['/duration', '/routing/priority', '/routing/upstreams', '/routing/x'],
  },
  {
    what: 'a free lunch',
    request: but({ routing: { max_cost_usd: 0 } }),
    ...invalid,
    pointers: ['/routing/max_cost_usd'],
  },
  {
    what: 'a deadline of 9 seconds',
    request: but({ routing: { deadline_seconds: 9 } }),
    ...invalid,
    pointers: ['/routing/deadline_seconds'],
  },
  {
    what: 'a deadline of two days',
    request: but({ routing: { deadline_seconds: 172_800 } }),
    ...invalid,
    pointers: ['/routing/deadline_seconds'],
  },
  {
    what: 'metadata of numbers',
    request: but({ metadata: { shot: 12 } }),
    ...invalid,
    pointers: ['/metadata/shot'],
  },
  {
    what: 'metadata of 513 characters',
    request: but({ metadata: { shot: 'x'.repeat(513) } }),
    ...invalid,
    pointers: ['/metadata/shot'],
  },
  {
    what: '33 entries of metadata',
    request: but({ metadata: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 'v'])) }),
    ...invalid,
    pointers: ['/metadata'],
  },
  { what: 'a list', request: json([]), ...invalid, pointers: [''] },
  { what: 'no body', request: {}, ...invalid, pointers: [''] },
  { what: 'an empty body', request: { ...json({}), payload: '' }, ...invalid, pointers: [''] },
  {
    what: 'malformed JSON',
    request: { ...json({}), payload: '{"prompt":' },
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: '__proto__',
    request: { ...json({}), payload: '{"__proto__":{}}' },
    status: 400,
    code: 'malformed_body',
    pointers: ['/__proto__'],
  },
  {
    what: 'bytes that are not UTF-8',
    request: { ...json({}), payload: Buffer.from('{"prompt":"caf\xe9"}', 'latin1') },
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'too much JSON',
    request: but({ prompt: 'x'.repeat(1024 * 1024) }),
    status: 413,
    code: 'payload_too_large',
    pointers: [''],
  },
  {
    what: 'plain text',
    request: { headers: { 'content-type': 'text/plain' }, payload: 'a lighthouse' },
    status: 415,
    code: 'unsupported_media_type',
    pointers: ['#/headers/content-type'],
  },
  {
    what: 'a URL-encoded form',
    request: { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'prompt=x' },
    status: 415,
    code: 'unsupported_media_type',
    pointers: ['#/headers/content-type'],
  },
]

const formCases: Case[] = [
  { what: 'a form without a prompt', request: form([clip]), ...invalid, pointers: ['/prompt'] },
  {
    what: 'a file part without a filename',
    request: form([prompt, { name: 'reference', value: 'bytes', type: 'application/octet-stream' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'a file part with an empty filename',
    request: form([prompt, { ...clip, filename: '' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'a reference as text',
    request: form([prompt, { name: 'reference', value: 'https://a.example/i.png' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  { what: 'a second file', request: form([prompt, clip, clip]), ...invalid, pointers: ['/reference'] },
  {
    what: 'another file',
    request: form([prompt, { ...clip, name: 'video' }]),
    ...invalid,
    pointers: ['/video'],
  },
  {
    what: 'an unknown part',
    request: form([prompt, clip, { name: 'x', value: '1' }]),
    ...invalid,
    pointers: ['/x'],
  },
  { what: 'a repeated part', request: form([prompt, prompt]), ...invalid, pointers: ['/prompt'] },
  {
    what: 'a duration in words',
    request: form([prompt, { name: 'duration', value: 'ten' }]),
    ...invalid,
    pointers: ['/duration'],
  },
  {
    what: 'routing that is not JSON',
    request: form([clip, prompt, { name: 'routing', value: '{' }]),
    ...invalid,
    pointers: ['/routing'],
  },
  {
    what: 'routing with a fault',
    request: form([clip, prompt, { name: 'routing', value: '{"priority":"speed"}' }]),
    ...invalid,
    pointers: ['/routing/priority'],
  },
  {
    what: 'a field of 300 KB',
    request: form([prompt, { name: 'metadata', value: 'x'.repeat(300_000) }]),
    ...invalid,
    pointers: ['/metadata'],
  },
  {
    what: 'a file and a URL',
    request: form([clip, prompt, { name: 'reference_video_url', value: 'https://a.example/v.mp4' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'two URLs',
    request: form([
      prompt,
      { name: 'reference_video_url', value: 'https://a.example/v.mp4' },
      { name: 'reference_image_url', value: 'https://a.example/i.png' },
    ]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'an influence of nothing',
    request: form([prompt, { name: 'reference_influence', value: '0.5' }]),
    ...invalid,
    pointers: ['/reference_influence'],
  },
  {
    what: 'a file above the limit',
    request: form([{ ...clip, value: Buffer.alloc(1024 * 1024 + 2) }, prompt]),
    status: 413,
    code: 'payload_too_large',
    pointers: ['/reference'],
  },
  {
    what: 'a form that ends within the file',
    request: form([prompt, clip], ''),
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'a form without a boundary',
    request: { headers: { 'content-type': 'multipart/form-data' }, payload: 'x' },
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'a part called __proto__',
    request: form([prompt, { name: '__proto__', value: '1' }]),
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'forty parts',
    request: form(Array.from({ length: 40 }, (_, i) => ({ name: `p${i}`, value: '1' }))),
    status: 413,
    code: 'payload_too_large',
    pointers: [''],
  },
]

const video = { name: 'video', value: 'bytes', filename: 'clip.mp4', type: 'video/mp4' }
const name = { name: 'name', value: 'coffee_girl' }
const fromUrl = { name: 'coffee_girl', video_url: 'https://a.example/v.mp4' }

const characterCases: Case[] = [
  {
    what: 'a character without a source',
    request: json({ name: 'coffee_girl' }),
    ...invalid,
    pointers: [''],
  },
  {
    what: 'a character without a name',
    request: json({ video_url: fromUrl.video_url }),
    ...invalid,
    pointers: ['/name'],
  },
  {
    what: 'a name with capitals',
    request: json({ ...fromUrl, name: 'CoffeeGirl' }),
    ...invalid,
    pointers: ['/name'],
  },
  {
    what: 'a name like an id',
    request: json({ ...fromUrl, name: 'char_x' }),
    ...invalid,
    pointers: ['/name'],
  },
  {
    what: 'two sources',
    request: json({ ...fromUrl, generation_id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr' }),
    ...invalid,
    pointers: [''],
  },
  {
    what: 'an id that is none',
    request: json({ name: 'coffee_girl', generation_id: 'gen_1' }),
    ...invalid,
    pointers: ['/generation_id'],
  },
  {
    what: 'a clip that ends before it starts',
    request: json({ ...fromUrl, clip: { start: 3, end: 1 } }),
    ...invalid,
    pointers: ['/clip'],
  },
  {
    what: 'a clip without an end',
    request: json({ ...fromUrl, clip: { start: 3 } }),
    ...invalid,
    pointers: ['/clip/end'],
  },
  { what: 'a form without a file', request: form([name]), ...invalid, pointers: ['/video'] },
  {
    what: 'a video without a filename',
    request: form([name, { name: 'video', value: 'bytes', type: 'application/octet-stream' }]),
    ...invalid,
    pointers: ['/video'],
  },
  {
    what: 'a file and a URL',
    request: form([video, name, { name: 'video_url', value: fromUrl.video_url }]),
    ...invalid,
    pointers: ['/video'],
  },
  {
    what: 'two meanings of the clip',
    request: form([
      video,
      name,
      { name: 'clip', value: '{"start":0,"end":1}' },
      { name: 'clip_end', value: '2' },
    ]),
    ...invalid,
    pointers: ['/clip'],
  },
  {
    what: 'a start without an end',
    request: form([video, name, { name: 'clip_start', value: '2' }]),
    ...invalid,
    pointers: ['/clip_end'],
  },
  {
    what: 'an end before the start',
    request: form([video, name, { name: 'clip_start', value: '2' }, { name: 'clip_end', value: '1' }]),
    ...invalid,
    pointers: ['/clip_end'],
  },
]

const idempotencyCases: Case[] = ['', 'x'.repeat(256), 'caf\xe9', 'a\tb'].map((key) => ({
  what: `the idempotency key ${JSON.stringify(key.slice(0, 5))}`,
  request: { ...but({}), headers: { 'content-type': 'application/json', 'idempotency-key': key } },
  ...invalid,
  pointers: ['#/headers/idempotency-key'],
}))

const tables: Array<[url: string, cases: Case[]]> = [
  ['/generate', [...generateCases, ...formCases, ...idempotencyCases]],
  ['/route', [...generateCases, ...formCases]],
  ['/characters', characterCases],
]

for (const [url, cases] of tables) {
  t.test(`POST ${url} names what is wrong, calls no service and keeps no file`, async (t) => {
    const stubs = createStubs()
    const app = await serve(t, stubs)
    for (const { what, request, status, code, pointers = [] } of cases) {
      stubs.seen.calls = []
      stubs.seen.stored.clear()
      stubs.seen.discarded = []
      const answer = await app.inject({
        method: 'POST',
        url,
        ...request,
        headers: { ...asMaker, ...request.headers },
      })
      const body = answer.json()
      t.match(
        { status: answer.statusCode, type: answer.headers['content-type'], body },
        {
          status,
          type: 'application/problem+json',
          body: {
            code,
            status,
            type: `urn:understudy:problem:${code}`,
            request_id: answer.headers['x-request-id'],
          },
        },
        what,
      )
      t.strictSame(
        (body.errors ?? []).map((fault: { pointer: string }) => fault.pointer),
        pointers,
        `${what}: pointers`,
      )
      t.strictSame(
        stubs.seen.calls.filter((call) => !call.startsWith('intake')),
        [],
        `${what}: services`,
      )
      t.strictSame(stubs.seen.discarded, [...stubs.seen.stored.keys()], `${what}: files`)
    }
  })
}

t.test('a hostile number of faults gets a short answer', async (t) => {
  const app = await serve(t)
  const payload = JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`x${i}`, 1])))
  const answer = await app.inject({
    method: 'POST',
    url: '/generate',
    headers: { ...asMaker, 'content-type': 'application/json' },
    payload,
  })
  t.equal(answer.statusCode, 400)
  t.equal(answer.json().errors.length, 20)
  t.ok(answer.body.length < 4000)
})

t.test('query and path faults are named', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const cases: Array<[url: string, status: number, code: string, pointers: string[]]> = [
    ['/generations?limit=0', 400, 'validation_failed', ['#/query/limit']],
    ['/generations?limit=101', 400, 'validation_failed', ['#/query/limit']],
    ['/generations?limit=ten', 400, 'validation_failed', ['#/query/limit']],
    ['/generations?limit=1&limit=2', 400, 'validation_failed', ['#/query/limit']],
    ['/generations?status=done', 400, 'validation_failed', ['#/query/status']],
    ['/generations?cursor=gen_1', 400, 'validation_failed', ['#/query/cursor']],
    ['/generations?stauts=queued', 400, 'validation_failed', ['#/query/stauts']],
    ['/generations/gen_01kasp3v5tq8c9d4wz7m2n6xhr?wait=61', 400, 'validation_failed', ['#/query/wait']],
    ['/generations/gen_01kasp3v5tq8c9d4wz7m2n6xhr?wait=-1', 400, 'validation_failed', ['#/query/wait']],
    [
      '/generations/gen_01kasp3v5tq8c9d4wz7m2n6xhr/events?after=x',
      400,
      'validation_failed',
      ['#/query/after'],
    ],
    ['/characters?cursor=gen_01kasp3v5tq8c9d4wz7m2n6xhr', 400, 'validation_failed', ['#/query/cursor']],
    ['/generations/gen_1', 404, 'not_found', []],
    ['/generations/../../etc/passwd', 404, 'not_found', []],
    [`/generations/gen_${'x'.repeat(3000)}`, 404, 'not_found', []],
    ['/characters/No-Such-Name', 404, 'not_found', []],
    ['/%zz', 400, 'malformed_request', []],
    ['/nothing/here', 404, 'not_found', []],
  ]
  for (const [url, status, code, pointers] of cases) {
    const answer = await app.inject({ url, headers: asMaker })
    t.match({ status: answer.statusCode, code: answer.json().code }, { status, code }, url)
    t.strictSame(
      (answer.json().errors ?? []).map((fault: { pointer: string }) => fault.pointer),
      pointers,
      url,
    )
    t.ok(answer.headers['x-request-id'], url)
  }
  t.strictSame(stubs.seen.calls, [])
})

t.test('a path that exists under other methods says which', async (t) => {
  const app = await serve(t)
  const cases: Array<['PUT' | 'GET' | 'POST' | 'OPTIONS', string, string]> = [
    ['PUT', '/generate', 'POST'],
    ['GET', '/route', 'POST'],
    ['POST', '/generations', 'GET, HEAD'],
    ['PUT', '/generations/gen_01kasp3v5tq8c9d4wz7m2n6xhr', 'DELETE, GET, HEAD'],
    ['POST', '/characters/coffee_girl', 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS', '/health/live', 'GET, HEAD'],
    ['POST', '/docs/static/x', 'GET, HEAD'],
  ]
  for (const [method, url, allow] of cases) {
    const answer = await app.inject({ method, url, headers: { 'content-type': 'text/odd' }, payload: '{' })
    t.match(
      { status: answer.statusCode, allow: answer.headers.allow, code: answer.json().code },
      { status: 405, allow, code: 'method_not_allowed' },
      `${method} ${url}`,
    )
  }
})
