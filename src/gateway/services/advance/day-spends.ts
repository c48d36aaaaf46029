import { dayStartOf, nothingSpent } from '../../domain/steering/spend-cap.ts'
import type { DaySpend } from '../../domain/steering/spend-cap.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'

/** Settlements that another process or a removal made are seen after this time at the latest. */
const longestAgeMs = 10_000

/** What upstreams spent today, as counted last. Routing goes by it; the store checks the cap again in its transaction. */
export interface DaySpends {
  of(upstream: string): DaySpend
  /** The next refresh counts again. */
  changed(): void
  /** Counts if something may have changed. A failure keeps the previous figures. */
  refresh(): Promise<void>
}

export function createDaySpends({ store, clock }: { store: GenerationLedger; clock: Clock }): DaySpends {
  let counted = new Map<string, DaySpend>()
  let countedAt = -Infinity
  let isOutdated = true
  let counting: Promise<void> | null = null

  async function count(): Promise<void> {
    const now = clock.now()
    isOutdated = false
    try {
      counted = await store.spendOf(dayStartOf(now))
      countedAt = now
    } catch {
      isOutdated = true
    }
  }

  function isCurrent(): boolean {
    const now = clock.now()
    return (
      !isOutdated && Math.abs(now - countedAt) < longestAgeMs && dayStartOf(now) === dayStartOf(countedAt)
    )
  }

  return {
    of(upstream) {
      const nothing = nothingSpent(clock.now())
      const found = counted.get(upstream)
      return found?.dayStart === nothing.dayStart ? found : nothing
    },
    changed() {
      isOutdated = true
    },
    async refresh() {
      // It may have begun before the last change. One that begins while this waits knows of it.
      await counting
      if (isCurrent()) return
      counting ??= count().finally(() => {
        counting = null
      })
      await counting
    },
  }
}
