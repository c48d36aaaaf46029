import t from 'tap'
import { form } from './forms.ts'
import { asMaker, createStubs, serve } from './stub-services.ts'
import { json, but, invalid, generateCases, formCases, name } from './bad-input-cases.ts'
import type { Case } from './bad-input-cases.ts'

const video = { name: 'video', value: 'bytes', filename: 'clip.mp4', type: 'video/mp4' }

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
            type: `/problems/${code}`,
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
