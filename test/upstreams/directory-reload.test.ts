import t from 'tap'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'
import type { Test } from './loopback.ts'

const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a paper boat',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

const named = (id: string, changes: Parameters<typeof settings>[0] = {}) =>
  settings({ spec: spec({ id }), ...changes })

function open(t: Test, first: ReturnType<typeof settings>[]) {
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: { now: () => 0 } }
  const directory = createUpstreamDirectory(first, deps)
  t.teardown(() => directory.close())
  return directory
}

t.test('a reload keeps what did not change, with its breakers, and follows the new order', async (t) => {
  const directory = open(t, [named('a'), named('b'), named('c')])
  const [a, b] = directory.all()
  directory.reload([named('d'), named('b', { apiKey: 'sk-new' }), named('a')])
  t.same(
    directory.all().map((upstream) => upstream.spec.id),
    ['d', 'b', 'a'],
  )
  t.equal(directory.get('a'), a)
  t.not(directory.get('b'), b)
  t.equal(directory.get('c'), undefined)
})

t.test('a reload that cannot be carried out changes nothing', async (t) => {
  const directory = open(t, [named('a')])
  const [a] = directory.all()
  t.throws(() => directory.reload([named('b'), named('c', { profile: 'aws' })]), { message: /"aws"/ })
  t.same(directory.all(), [a])
  t.equal(directory.get('b'), undefined)
})

t.test('a create under way at an upstream that goes is answered, with the key it left with', async (t) => {
  const answer = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const server = await startHttp(t, (_seen, response) => {
    arrived.resolve()
    void answer.promise.then(() => json(response, 200, { id: 'video_1', status: 'queued' }))
  })
  const at = { baseUrl: server.baseUrl }
  const directory = open(t, [named('a', { ...at, apiKey: 'sk-old' })])
  const outcome = directory.get('a')?.create(request)
  await arrived.promise
  directory.reload([named('b', { ...at, apiKey: 'sk-new' })])
  answer.resolve()
  t.match(await outcome, { type: 'accepted' })
  await directory.get('b')?.create(request)
  t.same(
    server.seen.map(({ headers }) => headers['authorization']),
    ['Bearer sk-old', 'Bearer sk-new'],
  )
})
