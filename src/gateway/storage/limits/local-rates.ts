import { admit } from '../../domain/scheduling/poll-pacing.ts'
import type { Clock } from '../../ports/clock.ts'
import type { UpstreamRates } from '../../ports/operations/upstream-rates.ts'

/** Where no other process calls the upstreams: counted in memory. */
export function createLocalRates(clock: Clock): UpstreamRates {
  const slots = new Map<string, number>()
  return {
    admit(upstream, call, { intervalMs, burst }) {
      const name = `${call}:${upstream}`
      const admission = admit(slots.get(name) ?? 0, clock.now(), intervalMs, burst)
      if (!admission.admitted) return Promise.resolve(admission.retryAt)
      slots.set(name, admission.slot)
      return Promise.resolve(null)
    },
  }
}
