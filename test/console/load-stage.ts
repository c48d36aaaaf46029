import type { Test } from 'tap'
import { eachUpstream, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { aGeneration, aLogEntry, anAttempt } from '../fixtures/generation.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'

interface Load {
  /** How many generations run. */
  count: number
  /** How often each of them changes. */
  everySeconds: number
  /** Of this many, one ends at some time after the first round. */
  endsEach: number
}

const minute = 60_000

/**
 * A gateway that asks an upstream about jobs that it was given earlier. Only the answer of the upstream is made up: each time, a
 * job is one percent further. What follows of it takes the usual way: the worker, the database, the stream.
 */
export async function startLoad(t: Test, load: Load): Promise<Gateway> {
  const stores: GenerationStorage[] = []
  const asked = new Map<number, number>()
  const gateway = await startGateway(t, {
    live: true,
    upstreams: [reverse],
    settings: {
      reseller: {
        poll: { first_after_seconds: load.everySeconds, every_seconds: load.everySeconds },
        timeouts: { connect_seconds: 5, create_seconds: 5, stall_seconds: 900, attempt_seconds: 900 },
      },
    },
    wrap: {
      store(store) {
        stores.push(store)
        return store
      },
      directory: eachUpstream(() => ({
        async poll(job) {
          const times = (asked.get(Number(job)) ?? 0) + 1
          asked.set(Number(job), times)
          return reportOf(Number(job), times, load)
        },
      })),
    },
  })
  const jobs = Array.from({ length: load.count }, (_each, job) => job)
  await Promise.all(stores.flatMap((store) => jobs.map((job) => insert(store, job, load))))
  return gateway
}

function reportOf(job: number, times: number, { endsEach }: Load): JobReport {
  const ends = job % endsEach === 0 && times === 2 + ((job / endsEach) % 2)
  return ends
    ? { type: 'refused', message: 'The prompt was refused.' }
    : { type: 'running', status: 'processing', progress: 10 + times, retryAfterMs: null }
}

/** A job that has run for a while, to be asked about at a time of its own within the first round. */
async function insert(store: GenerationStorage, job: number, { count, everySeconds }: Load): Promise<void> {
  const now = Date.now()
  const dueAt = now + Math.round((job / count) * everySeconds * 1000)
  const times = { startedAt: now - minute, submittedAt: now - minute, acceptedAt: now - minute }
  const attempt = anAttempt({
    ...times,
    upstream: 'reseller',
    operation: job,
    upstreamId: `job-${job}`,
    progress: 10,
    lastChangeAt: now,
    stallMs: 15 * minute,
    deadlineAt: now + 30 * minute,
    dueAt,
  })
  const generation = aGeneration({
    status: 'in_progress',
    progress: 10,
    attempts: [attempt],
    createdAt: now - minute,
    deadlineAt: now + 30 * minute,
    nextAttemptAt: null,
    dueAt,
  })
  await store.insert(generation, {
    entries: [aLogEntry({ at: now - minute })],
    idempotency: null,
    limits: { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null },
  })
}
