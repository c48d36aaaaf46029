import type { Generation } from '../../domain/generation/generation.ts'
import { estimatedStart, waitingOf } from '../../domain/scheduling/estimated-start.ts'
import type { Queue, Waiting } from '../../domain/scheduling/estimated-start.ts'
import { startCapacityOf } from '../../domain/scheduling/start-capacity.ts'
import type { StartCapacity } from '../../domain/scheduling/start-capacity.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationSearch } from '../../ports/generations/generation-search.ts'
import type { Hold } from '../restore/hold.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

/** When generations that wait are expected to be sent (ms since the epoch); null: not known, or it waits no more. */
export interface EstimatedStarts {
  /** By what was read last, without waiting; it is read again in the background. */
  known(generation: Generation): number | null
  /** Reads first where what is known is old. */
  of(generation: Generation): Promise<number | null>
}

/** Each stands for as many as there are more. */
const mostSampled = 200
/** How long what was read serves: at least this long, so that at most a twentieth of the time is spent on reading. */
const shortestAgeMs = 1000
const agePerReading = 20
/** Older than this it is not said any more. */
const longestAgeMs = 60_000

interface Reading {
  at: number
  tookMs: number
  queue: Queue
  capacities: StartCapacity[]
  /** Of everything that waits, the id of the last one. */
  newest: string
  /** When one that comes after all of them starts, by what can take it: the same for all that are accepted in this time. */
  forNew: Map<string, number | null>
}

export function createEstimatedStarts(deps: {
  store: Pick<GenerationSearch, 'waiting'>
  gate: Pick<UpstreamGate, 'views'>
  hold: Pick<Hold, 'since'>
  clock: Clock
}): EstimatedStarts {
  const { store, gate, hold, clock } = deps
  let last: Reading | null = null
  let reading: Promise<void> | null = null

  async function read(): Promise<void> {
    const at = clock.now()
    const queue = await store.waiting(mostSampled)
    const capacities = gate.views().map((view) => startCapacityOf(view, at))
    const newest = queue.waiting.reduce((id, each) => (each.id > id ? each.id : id), '')
    last = { at, tookMs: clock.now() - at, queue, capacities, newest, forNew: new Map() }
  }

  function ageMs(): number {
    return last === null ? Infinity : Math.abs(clock.now() - last.at)
  }

  /** What cannot be read is not known: it never fails the answer that it is a part of. */
  function refresh(): Promise<void> {
    if (ageMs() < Math.max(shortestAgeMs, agePerReading * (last?.tookMs ?? 0))) return Promise.resolve()
    reading ??= read()
      .catch(() => undefined)
      .finally(() => {
        reading = null
      })
    return reading
  }

  function estimate(generation: Generation): number | null {
    const own = waitingOf(generation)
    if (own === null || last === null || ageMs() > longestAgeMs) return null
    const now = clock.now()
    const start = startOf(own, last, now)
    return start === null ? null : Math.max(start, notBefore(generation), now)
  }

  const isWaiting = (generation: Generation): boolean =>
    hold.since() === null && waitingOf(generation) !== null

  return {
    known(generation) {
      if (!isWaiting(generation)) return null
      void refresh()
      return estimate(generation)
    },
    async of(generation) {
      if (!isWaiting(generation)) return null
      await refresh()
      return estimate(generation)
    },
  }
}

/** After a failed attempt it waits on its own account. While it waits for a slot, this is only when it looks again. */
function notBefore({ attempts, nextAttemptAt }: Generation): number {
  return attempts.length === 0 ? 0 : (nextAttemptAt ?? 0)
}

/** Everything that waits would be gone through for each request that is accepted. */
function startOf(own: Waiting, { queue, capacities, newest, forNew }: Reading, now: number): number | null {
  if (own.hasSlot || own.id <= newest) return estimatedStart(own, queue, capacities, now)
  const kind = own.upstreams.join(' ')
  const known = forNew.get(kind)
  if (known !== undefined) return known
  const start = estimatedStart(own, queue, capacities, now)
  forNew.set(kind, start)
  return start
}
