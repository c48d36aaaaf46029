import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import { knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'
import { mediaSource, settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'
import type { SeenRequest, Test } from './loopback.ts'

type Respond = (request: SeenRequest, response: ServerResponse) => void

const request: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'sora-2',
  prompt: 'a private prompt',
  durationSeconds: 8,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

async function upstreamOf(t: Test, respond: Respond, changes: Partial<UpstreamSettings> = {}) {
  const server = await startHttp(t, respond)
  const lines: string[] = []
  const write = (fields: object, message: string) => lines.push(JSON.stringify({ message, ...fields }))
  const logger = { debug: write, info: write, warn: write, error: write }
  const clock = { time: Date.now(), now: () => clock.time }
  const directory = createUpstreamDirectory([settings({ baseUrl: server.baseUrl, ...changes })], {
    remoteMedia: fakeRemote(),
    logger,
    clock,
  })
  t.teardown(() => directory.close())
  return { upstream: directory.all()[0]!, server, lines, clock }
}

const soraTasks = (): Partial<UpstreamSettings> => ({
  profile: 'generic',
  spec: spec({ dialect: 'sora-tasks' }),
})

const error = (code: string) => ({ error: { code, message: 'no' } })

function make(changes: Partial<UpstreamSettings>) {
  const deps = { remoteMedia: fakeRemote(), logger: noLogger, clock: { now: () => 0 } }
  return () => createUpstreamDirectory([settings(changes)], deps)
}

t.test('an unknown dialect or profile is told in a sentence', async (t) => {
  t.throws(make({ spec: spec({ dialect: 'sora' }) }), {
    message:
      /^Upstream "upstream-1" has the dialect "sora", which is not known\. Known dialects: openai-videos, sora-tasks, /,
  })
  t.throws(make({ spec: spec({ dialect: 'constructor' }) }), { message: /is not known/ })
  t.throws(make({ profile: 'aws' }), { message: /"aws".*Known profiles: openai, azure, .*generic\./ })
  t.throws(make({ spec: spec({ dialect: 'sora-tasks' }), profile: 'openai' }), {
    message: /Known profiles: generic\./,
  })
  for (const [dialect, { profiles }] of Object.entries(knownDialects))
    for (const profile of profiles) t.doesNotThrow(make({ spec: spec({ dialect }), profile }))
})

t.test('upstreams are found by id and listed in configured order', async (t) => {
  const ids = ['b', 'a', 'c']
  const directory = createUpstreamDirectory(
    ids.map((id) => settings({ spec: spec({ id }) })),
    { remoteMedia: fakeRemote(), logger: noLogger, clock: { now: () => 0 } },
  )
  t.teardown(() => directory.close())
  t.same(
    directory.all().map((upstream) => upstream.spec.id),
    ids,
  )
  t.equal(directory.get('a')?.spec.id, 'a')
  t.equal(directory.get('d'), undefined)
})

t.test('a create leaves once, and its answer is what the dialect makes of it', async (t) => {
  const { upstream, server } = await upstreamOf(t, (_request, response) =>
    json(response, 200, { id: 'video_1', model: 'sora-2' }),
  )
  t.same(await upstream.create(request), {
    type: 'accepted',
    job: { upstreamId: 'video_1', operation: { id: 'video_1' }, model: 'sora-2' },
  })
  t.equal(server.seen.length, 1)
  t.equal(upstream.mention({ handle: 'char_1', name: 'mossy' }), 'mossy')
})

t.test('a create without an answer is unknown, one that never left is never_sent', async (t) => {
  const { upstream, server } = await upstreamOf(t, (_request, response) => response.socket?.resetAndDestroy())
  t.match(await upstream.create(request), { type: 'unknown', message: /connection was lost/ })
  t.equal(server.seen.length, 1, 'and it is not repeated')
  const nowhere = await upstreamOf(t, () => undefined, { baseUrl: 'http://upstream.invalid/v1' })
  t.match(await nowhere.upstream.create(request), { type: 'never_sent', retryAfterMs: null })
})

t.test('what the protocol cannot say is not sent, and may go elsewhere', async (t) => {
  const { upstream, server } = await upstreamOf(
    t,
    (_request, response) => json(response, 200, {}),
    soraTasks(),
  )
  const media = mediaSource(Buffer.from('x'), 'image/png', 'x.png')
  const outcome = await upstream.create({ ...request, reference: { kind: 'image', media, influence: null } })
  t.match(outcome, { type: 'invalid', elsewhere: true })
  t.equal(server.connections(), 0)
})

t.test('an upstream that quotes the key or the prompt does not get it into outcomes or logs', async (t) => {
  const key = 'test-key-1'
  const { upstream, lines } = await upstreamOf(
    t,
    ({ method }, response) =>
      json(response, method === 'GET' ? 200 : 401, {
        status: `state of ${key}`,
        error: { message: `bad key ${key} for a private prompt`, code: 'invalid_api_key' },
      }),
    { profile: 'generic' },
  )
  const outcome = await upstream.create(request)
  t.match(outcome, { type: 'upstream_down', message: 'HTTP 401: bad key [key] for …' })
  t.match(await upstream.cancel({ id: 'v' }), { type: 'not_cancelled', message: /\[key\]/ })
  t.match(await upstream.poll({ id: 'v' }), { type: 'running', status: 'state of [key]' })
  t.notMatch(lines.join(''), key)
  t.notMatch(lines.join(''), 'private prompt')
})

t.test('an unknown status word is logged once, and the job goes on', async (t) => {
  let word = 'archiving'
  const { upstream, lines } = await upstreamOf(t, (_request, response) =>
    json(response, 200, { id: 'v', status: word, progress: 3 }),
  )
  for (const each of ['archiving', 'archiving', 'queued', 'upscaling', 'archiving']) {
    word = each
    t.match(await upstream.poll({ id: 'v' }), { type: 'running', status: each })
  }
  t.equal(lines.length, 2)
  t.match(lines[0], /"status":"archiving"/)
})

t.test('a poll without an answer says nothing about the job', async (t) => {
  const { upstream } = await upstreamOf(t, () => undefined, {
    timeouts: { ...settings().timeouts, pollMs: 60 },
  })
  t.match(await upstream.poll({ id: 'v' }), { type: 'unreachable', retryAfterMs: null })
})

t.test('cancelling', async (t) => {
  await t.test('deletes where the protocol can', async (t) => {
    const { upstream, server } = await upstreamOf(
      t,
      (_request, response) => json(response, 200, { deleted: true }),
      { profile: 'generic' },
    )
    t.same(await upstream.cancel({ id: 'v' }), { type: 'cancelled' })
    t.match(server.seen, [{ method: 'DELETE', url: '/v1/videos/v' }])
  })
  await t.test('is unsupported where it cannot', async (t) => {
    const { upstream } = await upstreamOf(t, () => undefined, soraTasks())
    t.same(await upstream.cancel({ id: 'v' }), { type: 'unsupported' })
  })
})

t.test('recent jobs are listed', async (t) => {
  const start = 1_790_000_000
  const page = (ids: number[], hasMore: boolean) => ({
    data: ids.map((id) => ({ id: `video_${id}`, status: 'queued', created_at: start + id })),
    has_more: hasMore,
    last_id: `video_${ids.at(-1)}`,
  })
  await t.test('page by page, back to the asked instant', async (t) => {
    const { upstream, server } = await upstreamOf(t, ({ url }, response) =>
      json(response, 200, url.includes('after=') ? page([7, 6, 5, 4], true) : page([9, 8], true)),
    )
    const listed = await upstream.listRecent((start + 6) * 1000 + 900)
    t.match(listed, { type: 'listed', complete: true })
    t.same(listed.type === 'listed' && listed.jobs.map((job) => job.upstreamId), [
      'video_9',
      'video_8',
      'video_7',
      'video_6',
    ])
    t.equal(server.seen[1]?.url, '/v1/videos?limit=100&order=desc&after=video_8')
  })
  await t.test('incompletely from an upstream whose pages never end', async (t) => {
    let next = 1000
    const { upstream, server } = await upstreamOf(t, (_request, response) =>
      json(response, 200, page([next--], true)),
    )
    t.match(await upstream.listRecent(0), { type: 'listed', complete: false })
    t.equal(server.seen.length, 10)
  })
  await t.test('incompletely where an entry cannot be read', async (t) => {
    const { upstream } = await upstreamOf(t, (_request, response) => json(response, 200, { data: [7] }))
    t.same(await upstream.listRecent(0), { type: 'listed', jobs: [], complete: false })
  })
  await t.test('incompletely where the list is no authority, as that of a relay', async (t) => {
    const { upstream } = await upstreamOf(t, (_request, response) => json(response, 200, page([9], false)), {
      profile: 'new-api',
      traits: { list: 'partial' },
    })
    t.match(await upstream.listRecent(0), {
      type: 'listed',
      jobs: [{ upstreamId: 'video_9' }],
      complete: false,
    })
  })
  await t.test('or not at all', async (t) => {
    const none = await upstreamOf(t, () => undefined, soraTasks())
    t.same(await none.upstream.listRecent(0), { type: 'unsupported' })
    const broken = await upstreamOf(t, (_request, response) => response.socket?.destroy())
    t.match(await broken.upstream.listRecent(0), { type: 'unreachable' })
  })
})

t.test('a character', async (t) => {
  const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'c.mp4')
  const character = {
    name: 'mossy',
    description: 'a moss troll',
    clip,
    span: { start: 0, end: 2 },
    fromJob: { id: 'task_1' },
  }
  await t.test('is made from the clip when the finished job is definitely of no use', async (t) => {
    const { upstream, server } = await upstreamOf(
      t,
      ({ url }, response) =>
        url.endsWith('/extract')
          ? json(response, 404, { code: 'task_not_exist' })
          : json(response, 200, { character_id: 'char_1' }),
      soraTasks(),
    )
    t.match(await upstream.createCharacter(character), { type: 'ready', handle: 'char_1' })
    t.same(
      server.seen.map(({ url }) => url),
      ['/v1/sora/characters/extract', '/v1/sora/characters'],
    )
  })
  await t.test('is not made twice when the first answer is lost', async (t) => {
    const { upstream, server } = await upstreamOf(
      t,
      (_request, response) => response.socket?.destroy(),
      soraTasks(),
    )
    t.match(await upstream.createCharacter(character), { type: 'unknown' })
    t.equal(server.seen.length, 1)
  })
  await t.test('is invalid where the upstream keeps none', async (t) => {
    const { upstream, server } = await upstreamOf(t, () => undefined, {
      spec: spec({ characters: 'reference' }),
    })
    t.match(await upstream.createCharacter(character), { type: 'invalid' })
    t.equal(server.seen.length, 0)
  })
  await t.test('is asked for once where jobs are no source', async (t) => {
    const { upstream, server } = await upstreamOf(t, (_request, response) =>
      json(response, 400, { error: { message: 'clip too short' } }),
    )
    t.match(await upstream.createCharacter(character), { type: 'invalid' })
    t.equal(server.seen.length, 1)
  })
})

t.test('endpoints beside the one of the base URL, and a character that takes its time', async (t) => {
  const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'c.mp4')
  const span = { start: 0, end: 2 }
  const character = { name: 'mossy', description: 'a moss troll', clip, span, fromJob: null }
  const beside = await upstreamOf(
    t,
    (_request, response) => json(response, 200, { id: 'ch_1', username: 'amber.finch' }),
    { profile: 'new-api' },
  )
  t.same(await beside.upstream.createCharacter(character), { type: 'ready', handle: 'amber.finch' })
  t.equal(beside.server.seen[0]?.url, '/sora/v1/characters')

  let polls = 0
  const slow = await upstreamOf(
    t,
    ({ method }, response) => {
      if (method === 'POST') return json(response, 200, { id: 'char_1', status: 'queued' })
      polls += 1
      if (polls === 1) return json(response, 404, { error: { code: 'task_not_found' } })
      // A kept connection that ends is not the last word: a poll is sent once more on a new one.
      if (polls === 2 || polls === 3) return response.socket?.resetAndDestroy()
      return json(response, 200, { id: 'char_1', username: 'amber.finch' })
    },
    { profile: 'new-api', traits: { characters: 'job' } },
  )
  const operation = { id: 'char_1' }
  t.same(await slow.upstream.createCharacter(character), { type: 'pending', operation, retryAfterMs: null })
  t.match(await slow.upstream.pollCharacter(operation), { type: 'pending', operation })
  t.match(await slow.upstream.pollCharacter(operation), { type: 'unknown' }, 'no answer says nothing')
  t.same(await slow.upstream.pollCharacter(operation), { type: 'ready', handle: 'amber.finch' })
  t.match(await beside.upstream.pollCharacter(operation), { type: 'invalid' }, 'where none takes its time')
})

t.test('each operation has its own breaker', async (t) => {
  const breaker = { failureRate: 0.5, windowMs: 60_000, minCalls: 2, openMs: 5000 }
  const { upstream, server, clock, lines } = await upstreamOf(
    t,
    ({ method }, response) =>
      method === 'POST' ? json(response, 503, {}) : json(response, 200, { id: 'v', status: 'queued' }),
    { breaker },
  )
  await upstream.create(request)
  await upstream.create(request)
  t.same(upstream.breakers(), {
    create: { state: 'open', retryAt: clock.time + 5000 },
    poll: { state: 'closed', retryAt: null },
    fetch: { state: 'closed', retryAt: null },
    character: { state: 'closed', retryAt: null },
  })
  t.equal(lines.length, 1, 'which is logged')
  clock.time += 2000
  t.match(await upstream.create(request), { type: 'never_sent', retryAfterMs: 3000 })
  t.equal(server.seen.length, 2, 'nothing is sent while it is open')
  t.match(await upstream.poll({ id: 'v' }), { type: 'running' })
})

t.test('what an open breaker answers, and what opens it', async (t) => {
  const breaker = { failureRate: 0.5, windowMs: 60_000, minCalls: 2, openMs: 5000 }
  const clip = mediaSource(Buffer.from('clip'), 'video/mp4', 'c.mp4')
  const character = {
    name: 'mossy',
    description: 'a moss troll',
    clip,
    span: { start: 0, end: 2 },
    fromJob: null,
  }
  const { upstream } = await upstreamOf(t, (_request, response) => json(response, 500, {}), { breaker })
  for (const unknown of [1, 2]) {
    t.match(await upstream.create(request), { type: 'unknown' }, `unknown outcome ${unknown}`)
    await upstream.poll({ id: 'v' })
    await upstream.fetchVideo({ id: 'v' }, { url: null, expiresAt: null })
    await upstream.createCharacter(character)
  }
  t.match(await upstream.create(request), { type: 'never_sent', retryAfterMs: 5000 })
  t.match(await upstream.poll({ id: 'v' }), { type: 'unreachable', retryAfterMs: 5000 })
  t.match(await upstream.fetchVideo({ id: 'v' }, { url: null, expiresAt: null }), {
    type: 'unavailable',
    retryAfterMs: 5000,
  })
  t.match(await upstream.createCharacter(character), { type: 'never_sent', retryAfterMs: 5000 })
})

t.test('verdicts on requests and jobs never open a breaker', async (t) => {
  const breaker = { failureRate: 0.01, windowMs: 60_000, minCalls: 1, openMs: 5000 }
  const answers = {
    refused: [400, error('moderation_blocked')],
    invalid: [400, error('invalid_value')],
    character_invalid: [400, error('cameo_not_found')],
  } as const
  let next: readonly [number, object] = answers.refused
  const { upstream } = await upstreamOf(t, (_request, response) => json(response, next[0], next[1]), {
    breaker,
  })
  for (const [type, answer] of Object.entries(answers)) {
    next = answer
    t.match(await upstream.create(request), { type })
  }
  next = [404, { error: { message: 'Video not found' } }]
  t.match(await upstream.poll({ id: 'v' }), { type: 'not_found' })
  t.match(await upstream.fetchVideo({ id: 'v' }, { url: null, expiresAt: null }), { type: 'not_ready' })
  next = [200, { status: 'failed', error: 'x' }]
  t.match(await upstream.poll({ id: 'v' }), { type: 'failed' })
  for (const view of Object.values(upstream.breakers())) t.equal(view.state, 'closed')
})
