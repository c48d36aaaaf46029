import type { Account } from '../../domain/attempts/account.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { AttemptId } from '../../domain/ids.ts'
import { createsPerMinuteRate, pollsPerSecondRate } from '../../domain/scheduling/call-rate.ts'
import { nextTurn } from '../../domain/scheduling/waiting-turns.ts'
import type { UpstreamSpec, UpstreamView } from '../../domain/routing/upstream.ts'
import { createDaySpends } from './day-spends.ts'
import type { UpstreamSlots } from './upstream-slots.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AttemptStatistics, GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { SlotLimit } from '../../ports/generations/generation-store.ts'
import type { Pauses } from '../operations/pauses.ts'
import type { UpstreamRates } from '../../ports/operations/upstream-rates.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'

const statisticsWindowMs = 24 * 3600_000
const statisticsAgeMs = 10_000

/** What each upstream can take now: its slots, its request rates, its health, as routing and the workers see it. */
export interface UpstreamGate {
  /** Loads live attempts and statistics; before this every slot looks free. */
  start(): Promise<void>
  views(): UpstreamView[]
  /** Brings what upstreams spent today up to date for `views`: of all, or only if one of them has a cap. */
  countSpend(whose: 'all' | 'capped'): Promise<void>
  view(id: string): UpstreamView | undefined
  /** Who the upstream is now; undefined where it is not configured any more. */
  accountOf(this: void, id: string): Account | undefined
  /** Brings the slots up to date for `views`, where other processes take some too. */
  countSlots(): Promise<void>
  /** Holds a slot for an attempt about to start, until `observe` sees it end. */
  hold(upstream: string, attempt: AttemptId): void
  /** Gives a held slot back whose attempt came to nothing. */
  drop(upstream: string, attempt: AttemptId): void
  observe(generation: Generation): void
  /** What the store must check when an attempt starts at this upstream; undefined: nothing, what was held here is enough. */
  slotLimit(upstream: string): SlotLimit | undefined
  /** The store found no free slot. */
  slotRefused(upstream: string): void
  /** What was counted last is outdated. */
  spendChanged(): void
  /** Null when a create may leave now and is counted; else when to ask again (ms since epoch). */
  admitCreate(spec: UpstreamSpec): Promise<number | null>
  admitPoll(spec: UpstreamSpec): Promise<number | null>
}

interface GateDeps {
  directory: UpstreamDirectory
  store: GenerationLedger
  clock: Clock
  pauses: Pick<Pauses, 'of'>
  slots: UpstreamSlots
  rates: UpstreamRates
}

export function createUpstreamGate(deps: GateDeps): UpstreamGate {
  const { directory, store, clock, pauses, slots, rates } = deps
  let statistics = new Map<string, AttemptStatistics>()
  let refreshedAt = 0
  const spends = createDaySpends(deps)
  const admitCreate = createCreateTurns(rates)

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
      enabled: spec.disabled !== true,
      pause: pauses.of(spec.id),
      spend: spends.of(spec.id),
      breakers: upstream.breakers(),
      outages: upstream.outages(),
      freeSlots: spec.maxInFlight === null ? null : spec.maxInFlight - slots.taken(spec.id),
      successRate: measured === undefined || ended === 0 ? null : measured.succeeded / ended,
      unexplainedFailures: measured?.unexplained ?? 0,
      latencyMs: measured?.latencyMs ?? null,
    }
  }

  return {
    async start() {
      await slots.start()
      await refresh()
    },
    views() {
      // A failed refresh keeps the previous figures, which only break ties. Runs in both cases, because the clock may have
      // been set back.
      if (Math.abs(clock.now() - refreshedAt) >= statisticsAgeMs) refresh().catch(() => undefined)
      slots.refresh().catch(() => undefined)
      return directory.all().map(viewOf)
    },
    view(id) {
      const upstream = directory.get(id)
      return upstream && viewOf(upstream)
    },
    async countSpend(whose) {
      const isNeeded = directory.all().some(({ spec }) => spec.spendMicrosPerDay !== undefined)
      if (whose === 'all' || isNeeded) await spends.refresh()
    },
    accountOf: (id) => directory.get(id)?.account,
    countSlots: () => slots.refresh(),
    hold: (upstream, attempt) => slots.hold(upstream, attempt),
    drop: (upstream, attempt) => slots.drop(upstream, attempt),
    observe(generation) {
      if (generation.attempts.length > 0) spends.changed()
      slots.observe(generation)
    },
    slotLimit(upstream) {
      const limit = directory.get(upstream)?.spec.maxInFlight ?? null
      return limit === null || !slots.isShared ? undefined : { upstream, limit, at: clock.now() }
    },
    slotRefused(upstream) {
      slots.refused(upstream, directory.get(upstream)?.spec.maxInFlight ?? 0)
    },
    spendChanged: () => spends.changed(),
    async admitCreate({ id, createsPerMinute }) {
      return createsPerMinute === null ? null : admitCreate(id, createsPerMinute)
    },
    async admitPoll({ id, pollsPerSecond }) {
      return pollsPerSecond === null ? null : rates.admit(id, 'poll', pollsPerSecondRate(pollsPerSecond))
    },
  }
}

/** Creates that a rate refuses ask again one after another: `nextTurn`. */
function createCreateTurns(rates: UpstreamRates) {
  /** The last turn that was given at each upstream. */
  const turns = new Map<string, number>()
  return async (upstream: string, perMinute: number): Promise<number | null> => {
    const rate = createsPerMinuteRate(perMinute)
    const retryAt = await rates.admit(upstream, 'create', rate)
    if (retryAt === null) return null
    const turn = nextTurn(turns.get(upstream) ?? 0, retryAt, rate.intervalMs)
    turns.set(upstream, turn)
    return turn
  }
}
