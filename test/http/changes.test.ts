import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Client } from '../../src/gateway/domain/accounts/client.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { createChangeFeed } from '../../src/gateway/services/changes/change-feed.ts'
import { toChangeFrames } from '../../src/gateway/http/schemas/operations/change.ts'
import { createChangeService } from '../../src/gateway/services/changes/change-service.ts'
import { openChanges } from '../fixtures/change-stream.ts'
import { createdAt, sampleGeneration, sampleUpstream } from './samples.ts'
import { asMaker, createStubs, keys, listen } from './stub-services.ts'

const clock = { now: () => Date.now() }

function feeding() {
  const feed = createChangeFeed({ clock })
  const views: Client[] = []
  const changes = createChangeService({
    feed,
    clock,
    gate: { views: () => [sampleUpstream()] },
    noteView: async (client) => void views.push(client),
  })
  const stubs = { ...createStubs(), changes }
  return { feed, stubs, views, changes }
}

const ids = Array.from({ length: 100 }, (_each, index) => `gen_${String(index).padStart(26, '0')}` as const)

function at(id: Generation['id'], progress: number, rest: Partial<Generation> = {}): Generation {
  return { ...sampleGeneration(), id, status: 'in_progress', progress, ...rest }
}

const entries = [{ type: 'attempt.progress' as const, at: createdAt, data: {} }]

t.test(
  '50 changes a second of each of 100 generations: one event per generation and second, and the last state of each',
  async (t) => {
    const { feed, stubs } = feeding()
    const { url } = await listen(t, stubs)
    await using stream = await openChanges(url, asMaker)
    await stream.until(({ event }) => event === 'upstream.changed')
    const seconds = 2
    const from = performance.now()
    for (let round = 1; round <= seconds * 50; round++) {
      for (const id of ids) feed.stored(at(id, round === seconds * 50 ? 99 : (round % 90) + 1), entries, null)
      await pause(Math.max(0, from + round * 20 - performance.now()))
    }
    const done = new Set<string>()
    await stream.until(({ data }) => {
      if (data.progress === 99) done.add(data.id)
      return done.size === ids.length
    })
    for (const id of ids) {
      const told = stream.events.filter(({ data }) => data.id === id)
      t.ok(told.length >= 2 && told.length <= seconds + 2, `${told.length} events`)
      t.equal(told.at(-1)?.data.progress, 99)
      // A number is the time at which it was given, in hundredths of a ms.
      const times = told.map(({ data }) => data.seq / 100)
      for (const [index, time] of times.entries())
        t.ok(index === 0 || time - (times[index - 1] ?? 0) > 985, `${time} after ${times[index - 1]}`)
    }
  },
)

t.test('a reader that does not read costs nothing, and gets the newest of each later', async (t) => {
  const { feed, changes } = feeding()
  const client = clientWith(['read'])
  const told = changes.follow(client, { after: null, heartbeatMs: 50, signal: new AbortController().signal })
  await told.next()
  for (let round = 0; round < 15_000; round++) feed.publish('a', { ...removal('a'), at: round })
  for (let round = 0; round < 3000; round++) feed.publish('b', { ...removal('b'), at: round })
  const { value: [first, second, ...others] = [] } = await told.next()
  t.same([first?.change.at, second?.change.at], [14_999, 2999])
  t.same(others, [])
  for (let round = 0; round < 25_000; round++) feed.publish('a', { ...removal('a'), at: round })
  const { value: [resync] = [] } = await told.next()
  t.match(resync, { change: { type: 'resync', reason: 'missed' }, seq: feed.head() })
  const { value: [heartbeat] = [] } = await told.next()
  t.match(heartbeat, { change: { type: 'heartbeat' }, seq: feed.head() }, 'and it goes on from there')
  await told.return(undefined)
})

function removal(letter: string) {
  return { type: 'generation.removed' as const, at: 0, id: `gen_${letter}` as const, tenant: 'studio' }
}

function clientWith(scopes: Client['scopes']): Client {
  return {
    keyId: 'key_0',
    tenant: 'studio',
    key: 'studio',
    scopes,
    allow: [],
    allowUpstreams: null,
    allowModels: null,
    monthlyBudgetMicros: null,
    requestsPerMinute: null,
    maxInFlight: null,
    webhookUrl: null,
  }
}

async function opened(t: Test, headers: Record<string, string>) {
  const stage = feeding()
  const { url } = await listen(t, stage.stubs, { times: { heartbeatMs: 200 } })
  const stream = await openChanges(url, headers)
  t.teardown(() => stream[Symbol.asyncDispose]())
  await stream.until(({ event }) => event === 'upstream.changed')
  return { ...stage, stream, url }
}

t.test('a key sees its tenant, an observer all tenants, an administrator upstreams only', async (t) => {
  for (const [key, expected] of [
    [keys.maker, ['studio']],
    [keys.reader, ['studio']],
    [keys.observer, ['studio', 'bank']],
    [keys.operator, ['studio', 'bank']],
    [keys.admin, []],
  ] as const) {
    const { feed, stream, views } = await opened(t, { authorization: `Bearer ${key}` })
    feed.stored(at(ids[0] ?? 'gen_', 7), entries, null)
    feed.stored(at(ids[1] ?? 'gen_', 8, { tenant: 'bank' }), entries, null)
    await stream.until(({ event }) => event === 'heartbeat')
    t.same(
      stream.events.flatMap(({ event, data }) => (event === 'generation.changed' ? [data.tenant] : [])),
      expected,
      key,
    )
    t.notMatch(JSON.stringify(stream.events), /prompt|beach/, 'and no prompt')
    t.equal(views.length, expected.length === 2 ? 1 : 0, 'which is in the audit log')
  }
})

t.test('a stream continues after the last event that was seen', async (t) => {
  const { feed, stream, url } = await opened(t, asMaker)
  feed.stored(at(ids[0] ?? 'gen_', 7), entries, null)
  const { id } = await stream.until(({ event }) => event === 'generation.changed')
  await stream[Symbol.asyncDispose]()
  feed.stored(at(ids[1] ?? 'gen_', 8), entries, null)
  feed.stored(at(ids[2] ?? 'gen_', 9), entries, null)
  await using resumed = await openChanges(url, { ...asMaker, 'last-event-id': id })
  await resumed.until(({ event }) => event === 'heartbeat')
  const told = resumed.events.flatMap(({ data }) => (data.type === 'generation.changed' ? [data.id] : []))
  t.same(told, [ids[1], ids[2]])
  await using other = await openChanges(url, asMaker, '/events?after=17')
  t.match(await other.until(() => true), { event: 'resync', data: { reason: 'restarted' } })
})

t.test('a change of an upstream is told to all', async (t) => {
  let enabled = true
  const { feed, stubs } = feeding()
  stubs.changes = createChangeService({
    feed,
    clock,
    gate: { views: () => [{ ...sampleUpstream(), enabled }] },
    noteView: async () => undefined,
  })
  const { url } = await listen(t, stubs)
  await using stream = await openChanges(url, { authorization: `Bearer ${keys.admin}` })
  const first = await stream.until(({ event }) => event === 'upstream.changed')
  t.match(first.data, { enabled: true, breakers: { create: { state: String } }, outages: Array })
  enabled = false
  const changed = await stream.until(({ data }) => data.enabled === false)
  t.ok(changed.data.seq > first.data.seq)
  t.notOk('spend' in changed.data)
})

t.test(
  'readers who see the same are told the same array, which is written once; others are told their own',
  async (t) => {
    const { feed, changes } = feeding()
    const { signal } = new AbortController()
    const asked = { after: null, heartbeatMs: 60_000, signal }
    const maker = clientWith(['generate'])
    const readers = [maker, { ...maker, key: 'another' }, { ...maker, tenant: 'other' }].map((client) =>
      changes.follow(client, asked),
    )
    const [first, second, third] = await Promise.all(
      readers.map(async (reader) => (await reader.next()).value),
    )
    t.equal(first, second, 'the state of the upstreams')
    t.equal(first, third, 'which everybody sees alike')
    const next = readers.map(async (reader) => (await reader.next()).value)
    feed.publish('a', removal('a'))
    feed.publish('b', { ...removal('b'), tenant: 'other' })
    const [one, two, three] = await Promise.all(next)
    t.equal(one, two)
    t.equal(one?.length, 1)
    t.equal(three?.length, 1)
    t.not(one, three)
    t.equal(toChangeFrames(one ?? []), toChangeFrames(two ?? []), 'one buffer')
    await Promise.all(readers.map((reader) => reader.return(undefined)))
  },
)
