import type { Exchange } from '../../src/gateway/domain/attempts/exchange.ts'
import type { Operation, UpstreamSpec } from '../../src/gateway/domain/routing/upstream.ts'
import type { Clock } from '../../src/gateway/ports/clock.ts'
import type { Upstream, UpstreamDirectory } from '../../src/gateway/ports/upstream.ts'
import { z } from 'zod'

export interface Pacing {
  upstreams: number
  /** Jobs that one upstream holds at a time. */
  maxInFlight: number
  pollsPerSecond: number
  /** To the first poll, and between polls. */
  everyMs: number
  /** What a job takes, on average. */
  jobMs: number
}

/** What the gateway keeps of a job: enough to answer a poll without a memory of a million jobs. */
const Job = z.object({ task: z.string(), ready_at: z.number() })

/** What jobs take, in parts of the average. */
const lengths = [1, 0.8, 1.1, 0.9, 1.2]

export function upstreamId(number: number): string {
  return `upstream-${String(number).padStart(3, '0')}`
}

/** Upstreams in memory: they take every create, and finish a job when its time has come by the given clock. */
export function createVendors(clock: Clock, pacing: Pacing): UpstreamDirectory {
  const all = Array.from({ length: pacing.upstreams }, (_, number) =>
    createVendor(upstreamId(number), clock, pacing),
  )
  const byId = new Map(all.map((upstream) => [upstream.spec.id, upstream]))
  return {
    get: (id) => byId.get(id),
    holderOf: (id) => byId.get(id),
    all: () => all,
    close: () => Promise.resolve(),
  }
}

function createVendor(id: string, clock: Clock, pacing: Pacing): Upstream {
  let jobs = 0
  const exchange = (operation: Exchange['operation'], answer: object): Exchange => ({
    operation,
    at: clock.now(),
    ms: 40,
    method: operation === 'create' ? 'POST' : 'GET',
    path: '/v1/videos',
    request: null,
    ending: 'answered',
    reason: null,
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
    bytes: null,
    isCut: false,
  })
  const idle = { state: 'closed', retryAt: null } as const
  const breakers: Record<Operation, typeof idle> = { create: idle, poll: idle, fetch: idle, character: idle }
  return {
    spec: specOf(id, pacing),
    account: { origin: `https://${id}.example`, credential: null },
    deduplicates: false,
    mention: ({ name }) => name,
    async create(_request, note) {
      const factor = lengths[jobs % lengths.length] ?? 1
      jobs += 1
      const task = `task-${id}-${jobs}`
      note?.(exchange('create', { task_id: task, status: 'queued' }))
      const operation = { task, ready_at: clock.now() + pacing.jobMs * factor }
      return { type: 'accepted', job: { upstreamId: task, operation, model: null } }
    },
    jobNamed: () => null,
    async poll(operation, note) {
      const { task, ready_at: readyAt } = Job.parse(operation)
      if (clock.now() >= readyAt) {
        note?.(exchange('poll', { task_id: task, status: 'completed', url: `https://${id}.example/${task}` }))
        return { type: 'completed', result: { url: `https://${id}.example/${task}` }, model: null }
      }
      note?.(exchange('poll', { task_id: task, status: 'processing' }))
      return { type: 'running', status: 'processing', progress: null, retryAfterMs: null }
    },
    fetchVideo: async () => ({ type: 'body', body: nothing(), bytes: null, contentType: 'video/mp4' }),
    cancel: async () => ({ type: 'unsupported' }),
    listRecent: async () => ({ type: 'unsupported' }),
    probe: async () => [],
    createCharacter: () => Promise.reject(new Error('no characters here')),
    pollCharacter: () => Promise.reject(new Error('no characters here')),
    breakers: () => breakers,
    resetBreaker: (operation) => ({ operation, before: 'closed', models: [] }),
    outages: () => [],
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function specOf(id: string, { maxInFlight, pollsPerSecond, everyMs }: Pacing): UpstreamSpec {
  return {
    id,
    kind: 'reverse',
    dialect: 'sora-tasks',
    models: { 'sora-2': 'sora-2' },
    durations: null,
    sizes: null,
    references: [],
    characters: 'none',
    maxCharacters: 0,
    characterClip: null,
    maxPromptCharacters: null,
    price: { type: 'per_request', micros: 120_000 },
    chargedOn: 'success',
    maxInFlight,
    createsPerMinute: null,
    pollsPerSecond,
    poll: { firstAfterMs: everyMs, everyMs },
    stallMs: 3_600_000,
    attemptMs: 3_600_000,
  }
}
