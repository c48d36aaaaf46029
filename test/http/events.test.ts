import t from 'tap'
import type { LogRecord } from '../../src/gateway/ports/generations/generation-history.ts'
import { Problem } from '../../src/gateway/domain/problem.ts'
import { GenerationEventList } from '../../src/gateway/http/schemas/generations/event.ts'
import { createdAt, generationId } from './samples.ts'
import { asMaker, createStubs, keys, listen, serve } from './stub-services.ts'
import type { Stubs } from './stub-services.ts'

const path = `/generations/${generationId}/events`

const history: LogRecord[] = [
  { seq: 1, type: 'generation.queued', at: createdAt, data: {} },
  {
    seq: 2,
    type: 'attempt.progress',
    at: createdAt + 1,
    data: { cost_micros: 120_000, type: 'never', seq: 99, text: 'a\nb' },
  },
  { seq: 3, type: 'generation.completed', at: createdAt + 2, data: {} },
]

/** A generation with a history that is over. */
function finished(): Stubs {
  const stubs = createStubs()
  stubs.generations.events = async function* events(_client, _id, afterSeq) {
    stubs.seen.calls.push(`events after ${afterSeq}`)
    yield* history.filter(({ seq }) => seq > afterSeq)
  }
  return stubs
}

/** A generation with one event, then silence until its signal aborts. */
function silent() {
  const stubs = createStubs()
  const ended = Promise.withResolvers<void>()
  stubs.generations.events = async function* events(_client, _id, _afterSeq, signal) {
    yield history[0]!
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    ended.resolve()
  }
  return { stubs, ended: ended.promise }
}

/** Reads a stream until `text` has been seen. */
async function readUntil({ body }: Response, text: string): Promise<void> {
  const decoder = new TextDecoder()
  let seen = ''
  for await (const chunk of body?.values({ preventCancel: true }) ?? []) {
    seen += decoder.decode(chunk, { stream: true })
    if (seen.includes(text)) return
  }
  throw new Error(`the stream ended after ${JSON.stringify(seen)}`)
}

t.test('history is streamed in order and ends with the last event', async (t) => {
  const { url } = await listen(t, finished())
  const answer = await fetch(url + path, { headers: asMaker })
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'text/event-stream')
  t.equal(answer.headers.get('cache-control'), 'no-cache')
  const frames = (await answer.text()).split('\n\n')
  t.strictSame(frames, [
    ': open',
    `id: 1\nevent: generation.queued\ndata: {"type":"generation.queued","at":"2026-11-22T15:04:05.000Z","seq":1,"generation_id":"${generationId}"}`,
    `id: 2\nevent: attempt.progress\ndata: {"cost_usd":0.12,"type":"attempt.progress","seq":2,"text":"a\\nb","at":"2026-11-22T15:04:05.001Z","generation_id":"${generationId}"}`,
    `id: 3\nevent: generation.completed\ndata: {"type":"generation.completed","at":"2026-11-22T15:04:05.002Z","seq":3,"generation_id":"${generationId}"}`,
    '',
  ])
})

t.test('a stream is resumed after the last event that was seen', async (t) => {
  const stubs = finished()
  const app = await serve(t, stubs)
  const resumed = await app.inject({ url: path, headers: { ...asMaker, 'last-event-id': '2' } })
  t.notMatch(resumed.body, /id: 2/)
  t.match(resumed.body, /id: 3/)
  await app.inject({ url: `${path}?after=1`, headers: asMaker })
  await app.inject({ url: `${path}?after=1`, headers: { ...asMaker, 'last-event-id': '3' } })
  t.strictSame(
    stubs.seen.calls.filter((call) => call.startsWith('events')),
    ['events after 2', 'events after 1', 'events after 3'],
  )
  const odd = await app.inject({ url: path, headers: { ...asMaker, 'last-event-id': 'x' } })
  t.match(odd.json(), { status: 400, errors: [{ pointer: '#/headers/last-event-id' }] })
})

t.test('a history is listed as JSON, a bounded part at a time', async (t) => {
  const stubs = createStubs()
  stubs.generations.history = async (_client, _id, afterSeq, limit) => {
    const after = history.filter(({ seq }) => seq > afterSeq)
    return { records: after.slice(0, limit), hasMore: after.length > limit }
  }
  const app = await serve(t, stubs)
  const list = async (query: string, headers: Record<string, string> = {}) =>
    app.inject({ url: `${path}?format=json${query}`, headers: { ...asMaker, ...headers } })
  const whole = await list('', { accept: 'application/json' })
  t.match(whole.headers['content-type'], /^application\/json/)
  t.doesNotThrow(() => GenerationEventList.parse(whole.json()))
  t.match(whole.json(), {
    data: [
      { type: 'generation.queued', seq: 1, generation_id: generationId },
      { type: 'attempt.progress', seq: 2, cost_usd: 0.12, text: 'a\nb' },
      { type: 'generation.completed', seq: 3, at: '2026-11-22T15:04:05.002Z' },
    ],
    has_more: false,
    next_after: 3,
  })
  const first = (await list('&limit=2')).json()
  t.match(first, { data: [{ seq: 1 }, { seq: 2 }], has_more: true, next_after: 2 })
  const rest = (await list(`&after=${first.next_after}`)).json()
  t.match(rest, { data: [{ seq: 3 }], has_more: false, next_after: 3 })
  const resumed = await list('&after=1', { 'last-event-id': '3' })
  t.strictSame(resumed.json(), { data: [], has_more: false, next_after: 3 })
  for (const odd of ['&limit=1001', '&limit=0', '&after=x'])
    t.match((await list(odd)).json(), { status: 400, code: 'validation_failed' }, odd)
})

t.test('a caller who wants something else is told so', async (t) => {
  const app = await serve(t, finished())
  const status = async (accept: string) =>
    (await app.inject({ url: path, headers: { ...asMaker, accept } })).statusCode
  t.equal(await status('application/json'), 406)
  for (const accept of ['text/event-stream', 'application/json, text/event-stream;q=0.5', 'text/*', '*/*']) {
    t.equal(await status(accept), 200, accept)
  }
})

t.test('an unknown generation is a problem and not a stream', async (t) => {
  const stubs = finished()
  stubs.generations.get = async () => {
    throw new Problem('not_found', 'The generation does not exist, or belongs to another tenant.')
  }
  const app = await serve(t, stubs)
  const answer = await app.inject({ url: path, headers: asMaker })
  t.match(answer.headers, { 'content-type': 'application/problem+json' })
  t.equal(answer.statusCode, 404)
})

t.test('headers come at once and a comment keeps a silent stream open', async (t) => {
  const { stubs, ended } = silent()
  const { url } = await listen(t, stubs, { times: { heartbeatMs: 5 } })
  const leave = new AbortController()
  const answer = await fetch(url + path, { headers: asMaker, signal: leave.signal })
  await readUntil(answer, 'id: 1')
  await readUntil(answer, ': \n\n: \n\n')
  leave.abort()
  await ended
  t.pass('and the history is let go of when the caller leaves')
})

t.test(
  'a stream that cannot be read further breaks off, so that it is resumed and nothing is lost',
  async (t) => {
    const stubs = createStubs()
    let isAway = true
    stubs.generations.events = async function* events(_client, _id, afterSeq) {
      for (const entry of history.slice(afterSeq)) {
        yield entry
        if (isAway) throw new Error('the database does not answer')
      }
    }
    const { url } = await listen(t, stubs)
    const broken = await fetch(url + path, { headers: asMaker })
    let told = ''
    await t.rejects(async () => {
      for await (const chunk of broken.body?.pipeThrough(new TextDecoderStream()) ?? []) told += chunk
    }, 'it does not look as if it had ended')
    t.match(told, /id: 1\n/)
    t.notMatch(told, /id: 2\n/)
    isAway = false
    const resumed = await fetch(url + path, { headers: { ...asMaker, 'last-event-id': '1' } })
    t.same((await resumed.text()).match(/^id: \d+/gm), ['id: 2', 'id: 3'])
  },
)

t.test('streams end when the server closes', async (t) => {
  const { stubs, ended } = silent()
  const { app, url } = await listen(t, stubs)
  const answer = await fetch(url + path, { headers: asMaker })
  await Promise.all([app.close(), answer.text()])
  await ended
  t.pass('whole, without an abort')
})

t.test('whether a key is valid is asked once for all streams that it has open', async (t) => {
  const { stubs } = silent()
  const asked = Promise.withResolvers<void>()
  let checks = 0
  let atOnce = 0
  let most = 0
  const { url } = await listen(t, stubs, {
    isValid() {
      most = Math.max(most, ++atOnce)
      setImmediate(() => (atOnce = 0))
      if (++checks > 1) asked.resolve()
      return true
    },
  })
  const leave = new AbortController()
  const open = () => fetch(url + path, { headers: asMaker, signal: leave.signal })
  await Promise.all(Array.from({ length: 8 }, open))
  checks = 0
  most = 0
  await asked.promise
  t.equal(most, 1)
  leave.abort()
})

t.test('a key has a limited number of streams open, and gets the slot of one that ended', async (t) => {
  const { stubs } = silent()
  const { url } = await listen(t, stubs, { limits: { uploadBytes: 1, streamsPerKey: 1 } })
  const leave = new AbortController()
  const first = await fetch(url + path, { headers: asMaker, signal: leave.signal })
  await readUntil(first, 'id: 1')
  const second = await fetch(url + path, { headers: asMaker })
  t.match(await second.json(), { status: 429, code: 'too_many_in_flight' })
  t.match(second.headers.get('retry-after'), /^\d+$/)
  const other = await fetch(url + path, { headers: { authorization: `Bearer ${keys.reader}` } })
  t.equal(other.status, 200, 'another key is not affected')
  await other.body?.cancel()
  leave.abort()
  let third = await fetch(url + path, { headers: asMaker })
  while (third.status === 429) {
    await third.text()
    third = await fetch(url + path, { headers: asMaker })
  }
  t.equal(third.status, 200)
  await third.body?.cancel()
})

t.test('a slow reader does not make the server read ahead', async (t) => {
  const stubs = createStubs()
  let produced = 0
  stubs.generations.events = async function* events() {
    for (; produced < 5000; produced++) {
      yield {
        seq: produced + 1,
        type: 'attempt.progress' as const,
        at: createdAt,
        data: { text: 'x'.repeat(10_000) },
      }
    }
  }
  const { url } = await listen(t, stubs)
  const leave = new AbortController()
  const answer = await fetch(url + path, { headers: asMaker, signal: leave.signal })
  await readUntil(answer, 'id: 1')
  // Every other call is served in the meantime: what is produced stands still once the socket is full.
  let before = -1
  while (before !== produced) {
    before = produced
    for (let i = 0; i < 20; i++) await fetch(`${url}/health/live`).then((live) => live.text())
  }
  t.ok(produced < 5000, `${produced} of 5000 events produced`)
  leave.abort()
})

t.test('an event stream counts as half a connection, because it opens no file', async (t) => {
  const { stubs } = silent()
  const { url } = await listen(t, stubs, { limits: { uploadBytes: 1, connections: { served: 2, taken: 3 } } })
  const leave = new AbortController()
  const follow = () => fetch(url + path, { headers: asMaker, signal: leave.signal })
  for (const which of ['first', 'second', 'third']) {
    const answer = await follow()
    t.equal(answer.status, 200, which)
    await readUntil(answer, 'id: 1')
  }
  const fourth = await follow()
  t.match(await fourth.json(), { status: 503, code: 'overloaded' })
  leave.abort()
})
