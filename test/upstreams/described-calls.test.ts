import t from 'tap'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { dialectOf } from '../../src/gateway/upstreams/dialects.ts'
import { seedOf, uuidOf } from '../../src/gateway/upstreams/described/expressions/generated.ts'
import { answer, mediaSource, noInputs, settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'

/** Calls around a create and a poll that a description may have. */

const image = mediaSource(Buffer.from('png'), 'image/png', 'i.png')
const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'm-1',
  prompt: 'a paper boat',
  durationSeconds: 4.5,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const shown: CreateRequest = { ...plain, reference: { kind: 'image', media: image, influence: null } }

const description = {
  create: {
    before: {
      when: 'images',
      path: '/upload',
      form: { file: { file: 'reference' } },
      keep: { picture: 'name' },
    },
    path: '/jobs',
    body: { id: '{{ uuid }}', frames: '{{ floor(seconds * `16`) + `1` }}', picture: '{{ picture }}' },
    known_id: '{{ uuid }}',
    id: 'id',
  },
  poll: {
    path: '/done/{{ id }}',
    missing_when: '!done',
    otherwise: { path: '/queue', status: "queue[?@ == $asked.id] && 'pending' || `null`" },
    status: 'done.state',
    keep: { file: 'done.file' },
  },
  content: { path: '/view?file={{ file }}&sub=' },
  cancel: { path: '/drop', body: { id: '{{ id }}' }, also: { path: '/stop/{{ id }}' } },
  error_at: { code: 'base_resp.status_code', message: 'base_resp.status_msg' },
  errors: [{ code: 1008, is: 'upstream_down' }],
}

const each = (more: object = {}) =>
  settings({ spec: spec({ dialect: 'made-up' }), description: { ...description, ...more } })

async function upstreamAt(t: Parameters<typeof startHttp>[0], answers: Parameters<typeof startHttp>[1]) {
  const server = await startHttp(t, answers)
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
  const directory = createUpstreamDirectory([{ ...each(), baseUrl: server.baseUrl }], deps)
  t.teardown(() => directory.close())
  return { upstream: directory.all()[0]!, server }
}

const paths = (seen: ReadonlyArray<{ method: string; url: string }>) =>
  seen.map(({ method, url }) => `${method} ${url.replace('/v1', '')}`)

t.test('a picture is uploaded before a create, and what the upload says is filled in', async (t) => {
  const { upstream, server } = await upstreamAt(t, ({ url }, response) =>
    json(response, 200, url.endsWith('/upload') ? { name: 'a/b 1.png' } : { id: 'j' }),
  )
  t.match(await upstream.create(shown), { type: 'accepted' })
  t.same(paths(server.seen), ['POST /upload', 'POST /jobs'])
  const dialect = dialectOf(each())
  t.match(dialect.create.encode(shown, { picture: 'a/b 1.png' }), {
    body: { value: { picture: 'a/b 1.png' } },
  })
  t.equal(dialect.prepare?.(plain), null, 'and not where there is none')
  const video = { ...plain, reference: { kind: 'video', media: image, influence: null } } as const
  t.match(dialect.create.encode({ ...video, characterHandles: [], inlineCharacters: [] }), {
    type: 'unsupported',
  })
})

t.test('an upload without a definite answer leaves the create unsent', async (t) => {
  for (const status of [500, 504]) {
    const { upstream, server } = await upstreamAt(t, (_request, response) => json(response, status, {}))
    t.match(await upstream.create(shown), { type: 'never_sent' })
    t.same(paths(server.seen), ['POST /upload'])
  }
  const refused = await upstreamAt(t, (_request, response) =>
    json(response, 400, { error: { code: 'content_policy_violation', message: 'no' } }),
  )
  t.match(await refused.upstream.create(shown), { type: 'refused' }, 'a verdict on the picture is one')
})

t.test('generated ids and seeds follow from the key, and lengths are worked out', async (t) => {
  const id = uuidOf('att_1')
  t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.equal(uuidOf('att_1'), id)
  t.not(uuidOf('att_2'), id)
  t.ok(seedOf('att_1') >= 0 && seedOf('att_1') < 2 ** 31)
  const dialect = dialectOf(each())
  t.match(dialect.create.encode(plain), { body: { value: { id, frames: 73 } } })
  t.match(dialect.jobOf?.('att_1'), { upstreamId: id, operation: { id } })
})

t.test('a second poll call tells a job that waits from one that is lost', async (t) => {
  let queue: string[] = ['j1']
  let done: object | null = null
  const { upstream } = await upstreamAt(t, ({ url }, response) =>
    json(response, 200, url.endsWith('/queue') ? { queue } : { done }),
  )
  t.match(await upstream.poll({ id: 'j1' }), { type: 'running', status: 'pending' })
  queue = []
  t.match(await upstream.poll({ id: 'j1' }), { type: 'not_found' })
  done = { state: 'completed', file: 'a b/&c.mp4' }
  const report = await upstream.poll({ id: 'j1' })
  t.match(report, { type: 'completed' })
  const result = report.type === 'completed' ? report.result : null
  t.match(dialectOf(each()).locate({ id: 'j1' }, result), {
    targets: [{ type: 'path', path: '/view?file=a%20b%2F%26c.mp4&sub=' }],
  })
})

t.test('a cancel of two calls, of which the next poll tells what came', async (t) => {
  const { upstream, server } = await upstreamAt(t, (_request, response) => json(response, 200, {}))
  t.match(await upstream.cancel({ id: 'j1' }), { type: 'not_cancelled' })
  t.same(paths(server.seen), ['POST /drop', 'POST /stop/j1'])
})

t.test('a cancel that would make the vendor forget a finished job is sent only before', async (t) => {
  const rows: [status: string, code: number, calls: string[], message: RegExp][] = [
    ['Queued', 200, ['GET /jobs/j1', 'DELETE /jobs/j1'], /has not confirmed/],
    ['running', 200, ['GET /jobs/j1'], /it is running/],
    ['succeeded', 200, ['GET /jobs/j1'], /it is succeeded/],
    ['queued', 500, ['GET /jobs/j1'], /did not say/],
  ]
  for (const [state, code, calls, message] of rows) {
    const server = await startHttp(t, ({ method }, response) =>
      json(response, code, method === 'GET' ? { state } : {}),
    )
    const own = settings({
      spec: spec({ dialect: 'made-up' }),
      description: {
        create: { path: '/jobs', body: { text: '{{ prompt }}' }, id: 'id' },
        poll: { path: '/jobs/{{ id }}', status: 'state', video: 'url' },
        cancel: { method: 'DELETE', path: '/jobs/{{ id }}', only_while: 'queued' },
      },
    })
    const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: Date }
    const directory = createUpstreamDirectory([{ ...own, baseUrl: server.baseUrl }], deps)
    t.teardown(() => directory.close())
    t.match(await directory.all()[0]!.cancel({ id: 'j1' }), { type: 'not_cancelled', message })
    t.same(paths(server.seen), calls, state)
  }
})

t.test('the code and message of an error stand where the description says', async (t) => {
  const dialect = dialectOf(each())
  const body = { id: '', base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }
  t.match(dialect.create.decode(answer({ status: 200, body }), plain), {
    type: 'upstream_down',
    message: /insufficient balance/,
  })
})

t.test('handles may be integers, and nothing is no handle', async (t) => {
  const characters = { create: { path: '/c', body: {}, handle: 'to_string(id)' } }
  const maker = (handle: string) =>
    dialectOf({
      ...each({
        characters: {
          create: { ...characters.create, handle, id: 'job' },
          poll: { path: '/c/{{ id }}', handle },
        },
      }),
      spec: spec({ dialect: 'made-up', characters: 'native' }),
    }).character
  const request = { name: 'a', description: 'b', clip: image, span: { start: 0, end: 1 }, fromJob: null }
  t.match(maker('id')?.decode(answer({ status: 200, body: { id: 1234 } }), request), {
    type: 'ready',
    handle: '1234',
  })
  const pending = maker('to_string(id)')?.decode(
    answer({ status: 200, body: { id: null, job: 'x' } }),
    request,
  )
  t.match(pending, { type: 'pending' })
})

t.test('the inputs choose the path of a create, and its polls keep to it', async (t) => {
  const dialect = dialectOf(
    settings({
      spec: spec({ dialect: 'made-up' }),
      description: {
        values: {
          kind: { from: "first_frame && last_frame && 'pair' || first_frame && 'image' || 'text'" },
          frames: { from: '[first_frame.url, last_frame.url][?@]' },
        },
        create: {
          path: '/videos/{{ kind }}',
          body: { pictures: '{{ frames }}' },
          id: 'id',
          keep: { kind: '$asked.kind' },
        },
        poll: { path: '/videos/{{ kind }}/{{ id }}', status: 'state', video: 'url' },
      },
    }),
  )
  const framed = (firstFrame: typeof image | null, lastFrame: typeof image | null): CreateRequest => ({
    ...plain,
    inputs: { ...noInputs, firstFrame, lastFrame },
  })
  const rows: [request: CreateRequest, kind: string, pictures: string[]][] = [
    [plain, 'text', []],
    [framed(image, null), 'image', [image.url]],
    [framed(image, image), 'pair', [image.url, image.url]],
  ]
  for (const [request, kind, pictures] of rows) {
    t.match(
      dialect.create.encode(request),
      { path: `/videos/${kind}`, body: { type: 'json', value: { pictures } } },
      kind,
    )
    const outcome = dialect.create.decode(answer({ status: 200, body: { id: 'j 1' } }), request)
    if (outcome.type !== 'accepted') throw new Error(outcome.type)
    t.match(dialect.poll.encode(outcome.job.operation), { path: `/videos/${kind}/j%201` }, kind)
  }
})

const toned = (value: object) =>
  dialectOf(
    settings({
      spec: spec({ dialect: 'made-up' }),
      description: {
        ...description,
        values: { tone: { from: 'negative_prompt', ...value } },
        create: { path: '/jobs', body: { tone: '{{ tone }}' }, id: 'id' },
      },
    }),
  ).create.encode(plain)

t.test('a value that is nothing leaves the create unsent, if there is no other value for it', async (t) => {
  t.match(toned({}), { type: 'unsupported', message: 'The dialect has no tone for an empty value.' })
  t.match(toned({ otherwise: 'plain' }), { body: { value: { tone: 'plain' } } })
})
