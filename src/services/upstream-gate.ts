import { isTerminal } from '../domain/draft.ts'
import type { Attempt, Generation } from '../domain/generation.ts'
import type { AttemptId } from '../domain/ids.ts'
import { admit } from '../domain/pacing.ts'
import type { UpstreamSpec, UpstreamView } from '../domain/upstream.ts'
import type { Clock } from '../ports/clock.ts'
import type { AttemptStatistics, GenerationStore } from '../ports/generation-store.ts'
import type { Upstream, UpstreamDirectory } from '../ports/upstream.ts'

const statisticsWindowMs = 24 * 3600_000
const statisticsAgeMs = 10_000

/** What each upstream can take now: its slots, its request rates, its health, as routing and the workers see it. */
export interface UpstreamGate {
  /** Loads live attempts and statistics; before this every slot looks free. */
  start(): Promise<void>
  views(): UpstreamView[]
  view(id: string): UpstreamView | undefined
  /** Holds a slot for an attempt about to start, until `observe` sees it end. */
  hold(upstream: string, attempt: AttemptId): void
  /** Gives a held slot back whose attempt came to nothing. */
  drop(upstream: string, attempt: AttemptId): void
  observe(generation: Generation): void
  /** Null when a create may leave now and is counted; else when to ask again (ms since epoch). */
  admitCreate(spec: UpstreamSpec): number | null
  admitPoll(spec: UpstreamSpec): number | null
}

export function createUpstreamGate(deps: {
  directory: UpstreamDirectory
  store: GenerationStore
  clock: Clock
}): UpstreamGate {
  const { directory, store, clock } = deps
  const held = new Map(directory.all().map(({ spec }) => [spec.id, new Set<AttemptId>()]))
  const creates = new Map<string, number>()
  const polls = new Map<string, number>()
  let statistics = new Map<string, AttemptStatistics>()
  let refreshedAt = 0

  async function refresh(): Promise<void> {
    const now = clock.now()
    refreshedAt = now
    const rows = await store.statistics(now - statisticsWindowMs)
    statistics = new Map(rows.map((row) => [row.upstream, row]))
  }

  function viewOf(upstream: Upstream): UpstreamView {
    const { spec } = upstream
    const measured = statistics.get(spec.id)
    const ended = measured === undefined ? 0 : measured.succeeded + measured.failed
    return {
      spec,
      enabled: true,
      breakers: upstream.breakers(),
      outages: upstream.outages(),
      freeSlots: spec.maxInFlight === null ? null : spec.maxInFlight - (held.get(spec.id)?.size ?? 0),
      successRate: measured === undefined || ended === 0 ? null : measured.succeeded / ended,
      latencyMs: measured?.latencyMs ?? null,
    }
  }

  return {
    async start() {
      for (const { id, upstream } of await store.liveAttempts()) held.get(upstream)?.add(id)
      await refresh()
    },
    views() {
      // A failed refresh leaves the last figures in place: they only break ties.
      if (clock.now() - refreshedAt >= statisticsAgeMs) refresh().catch(() => undefined)
      return directory.all().map(viewOf)
    },
    view(id) {
      const upstream = directory.get(id)
      return upstream && viewOf(upstream)
    },
    hold(upstream, attempt) {
      held.get(upstream)?.add(attempt)
    },
    drop(upstream, attempt) {
      held.get(upstream)?.delete(attempt)
    },
    observe(generation) {
      for (const attempt of generation.attempts) {
        if (takesSlot(generation, attempt)) held.get(attempt.upstream)?.add(attempt.id)
        else held.get(attempt.upstream)?.delete(attempt.id)
      }
    },
    admitCreate: (spec) =>
      spec.createsPerMinute === null
        ? null
        : take(
            creates,
            spec.id,
            clock.now(),
            60_000 / spec.createsPerMinute,
            Math.ceil(spec.createsPerMinute / 60),
          ),
    admitPoll: (spec) =>
      spec.pollsPerSecond === null
        ? null
        : take(polls, spec.id, clock.now(), 1000 / spec.pollsPerSecond, Math.ceil(spec.pollsPerSecond)),
  }
}

/** What is still unknown after its generation has ended holds no slot: it is watched for a day, and most such jobs never were. */
function takesSlot(generation: Generation, { state }: Attempt): boolean {
  if (state === 'unknown') return !isTerminal(generation)
  return state === 'binding' || state === 'submitting' || state === 'running'
}

function take(
  slots: Map<string, number>,
  id: string,
  now: number,
  intervalMs: number,
  burst: number,
): number | null {
  const admission = admit(slots.get(id) ?? 0, now, intervalMs, burst)
  if (!admission.admitted) return admission.retryAt
  slots.set(id, admission.slot)
  return null
}
