import type { UpstreamView } from '../routing/upstream.ts'
import { nextDayStart } from '../steering/spend-cap.ts'
import { createsPerMinuteRate } from './call-rate.ts'

/** What an upstream takes from some instant on. Rates are per millisecond. */
export interface StartCapacity {
  upstream: string
  /** From when it takes anything (ms since the epoch); null: nobody knows. */
  from: number | null
  /** Slots that are free, and how fast others become free; null rate: not measured. Null: no limit. */
  slots: { free: number; freedPerMs: number | null } | null
  /** Creates that may leave at once, and how fast more may. Null: no limit. */
  creates: { burst: number; perMs: number } | null
}

/** Slots become free as fast as jobs end: all of them within the median time of a job. */
export function startCapacityOf(view: UpstreamView, now: number): StartCapacity {
  const { spec, freeSlots, latencyMs } = view
  const { maxInFlight, createsPerMinute } = spec
  const rate = createsPerMinute === null ? null : createsPerMinuteRate(createsPerMinute)
  return {
    upstream: spec.id,
    from: availableFrom(view, now),
    slots:
      maxInFlight === null || freeSlots === null
        ? null
        : {
            free: Math.max(0, freeSlots),
            freedPerMs: latencyMs === null ? null : maxInFlight / Math.max(1, latencyMs),
          },
    creates: rate && { burst: rate.burst, perMs: 1 / rate.intervalMs },
  }
}

/** An outage of one model is not looked at: another model may be asked for. */
function availableFrom({ spec, enabled, pause, spend, breakers }: UpstreamView, now: number): number | null {
  if (!enabled) return null
  if (pause != null && pause.until === null) return null
  const cap = spec.spendMicrosPerDay
  const isSpent = spend !== undefined && cap !== undefined && spend.spentMicros + spend.reservedMicros >= cap
  const { state, retryAt } = breakers.create
  return Math.max(
    now,
    pause?.until ?? 0,
    isSpent ? nextDayStart(spend) : 0,
    state === 'open' ? (retryAt ?? 0) : 0,
  )
}
