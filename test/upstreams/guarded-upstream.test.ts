import t from 'tap'
import { guardUpstream } from '../../src/gateway/upstreams/breakers/guarded-upstream.ts'
import type { GuardedUpstream } from '../../src/gateway/upstreams/breakers/guarded-upstream.ts'
import { guards } from '../../src/gateway/upstreams/breakers/guards.ts'
import type { UpstreamMethod } from '../../src/gateway/upstreams/breakers/guards.ts'
import type { BareUpstream } from '../../src/gateway/upstreams/calls/http-upstream.ts'
import type { CreateCharacterRequest, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { mediaSource, spec } from './fixtures.ts'
import { noLogger } from './loopback.ts'

const fault = { message: 'connection refused', retryAfterMs: null }
const request: CreateRequest = {
  idempotencyKey: 'key-1',
  model: 'sora-2',
  prompt: 'a boat',
  durationSeconds: 4,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}
const character: CreateCharacterRequest = {
  name: 'Fox',
  description: 'a fox',
  clip: mediaSource(Buffer.from('clip'), 'video/mp4', 'clip.mp4'),
  span: { start: 0, end: 2 },
  fromJob: null,
}

/** Calls that fail, and are counted. */
function failingUpstream(called: UpstreamMethod[]): BareUpstream {
  const fails = <T>(name: UpstreamMethod, outcome: T): Promise<T> => {
    called.push(name)
    return Promise.resolve(outcome)
  }
  return {
    spec: spec(),
    deduplicates: false,
    mention: ({ handle }) => handle,
    jobNamed: () => null,
    create: () => fails('create', { type: 'never_sent', ...fault }),
    poll: () => fails('poll', { type: 'unreachable', ...fault }),
    fetchVideo: () => fails('fetchVideo', { type: 'unavailable', ...fault }),
    createCharacter: () => fails('createCharacter', { type: 'never_sent', ...fault }),
    pollCharacter: () => fails('pollCharacter', { type: 'never_sent', ...fault }),
    cancel: () => fails('cancel', { type: 'not_cancelled', message: fault.message }),
    listRecent: () => fails('listRecent', { type: 'unreachable', message: fault.message }),
    probe: () => fails('probe', []),
  }
}

const ask: { [M in UpstreamMethod]: (upstream: GuardedUpstream) => Promise<object> } = {
  create: (upstream) => upstream.create(request),
  poll: (upstream) => upstream.poll('job-1'),
  fetchVideo: (upstream) => upstream.fetchVideo('job-1', null),
  createCharacter: (upstream) => upstream.createCharacter(character),
  pollCharacter: (upstream) => upstream.pollCharacter('job-1'),
  cancel: (upstream) => upstream.cancel('job-1'),
  listRecent: (upstream) => upstream.listRecent(0),
  probe: (upstream) => upstream.probe(),
}

for (const [name, call] of Object.entries(ask)) {
  const guard = Object.entries(guards).find(([each]) => each === name)?.[1]
  if (guard === undefined || guard === 'unguarded') continue
  t.test(`${name} opens the ${guard.operation} breaker, and is not made while it is open`, async (t) => {
    const called: UpstreamMethod[] = []
    const settings = { failureRate: 0.5, windowMs: 1000, minCalls: 1, openMs: 40_000 }
    const upstream = guardUpstream(
      failingUpstream(called),
      { breaker: settings, modelGoneMs: 1000 },
      { clock: { now: () => 0 }, logger: noLogger },
    )
    t.teardown(() => upstream.close())
    const made = await call(upstream)
    t.same(called, [name])
    const refused = await call(upstream)
    t.same(called, [name], 'the upstream is not called')
    const message = `The ${guard.operation} circuit breaker of "${spec().id}" is open after repeated failures.`
    t.same(refused, { ...made, message, retryAfterMs: 40_000 })
    const open = Object.entries(upstream.breakers()).filter(([, { state }]) => state === 'open')
    t.same(
      open.map(([operation]) => operation),
      [guard.operation],
    )
  })
}

t.test(
  'a job can be cancelled and looked for, and the upstream probed, while every breaker is open',
  async (t) => {
    const called: UpstreamMethod[] = []
    const settings = { failureRate: 0.5, windowMs: 1000, minCalls: 1, openMs: 40_000 }
    const upstream = guardUpstream(
      failingUpstream(called),
      { breaker: settings, modelGoneMs: 1000 },
      { clock: { now: () => 0 }, logger: noLogger },
    )
    t.teardown(() => upstream.close())
    await Promise.all([
      ask.create(upstream),
      ask.poll(upstream),
      ask.fetchVideo(upstream),
      ask.createCharacter(upstream),
    ])
    called.length = 0
    for (const name of ['cancel', 'listRecent', 'probe'] as const) {
      await ask[name](upstream)
      await ask[name](upstream)
    }
    t.same(called, ['cancel', 'cancel', 'listRecent', 'listRecent', 'probe', 'probe'])
  },
)

t.test(
  'what an upstream says of its account is for debugging: it may repeat a part of a prompt',
  async (t) => {
    const lines: Array<[level: string, fields: unknown, message: unknown]> = []
    const tell = (level: string) => (fields: unknown, message?: unknown) =>
      void lines.push([level, fields, message])
    const message = 'HTTP 402: Insufficient balance for "Anna Keller dances in t..."'
    const upstream = guardUpstream(
      {
        ...failingUpstream([]),
        create: () => Promise.resolve({ type: 'upstream_down', message, retryAfterMs: null }),
      },
      { breaker: { failureRate: 0.5, windowMs: 1000, minCalls: 9, openMs: 40_000 }, modelGoneMs: 1000 },
      {
        clock: { now: () => 0 },
        logger: { ...noLogger, debug: tell('debug'), info: tell('info'), warn: tell('warn') },
      },
    )
    t.teardown(() => upstream.close())
    await upstream.create(request)
    t.same(lines, [
      [
        'warn',
        { upstream: upstream.spec.id },
        'upstream rejects its account: check the API key and the balance',
      ],
      ['debug', { upstream: upstream.spec.id, reason: message }, 'what the upstream said of its account'],
    ])
  },
)
