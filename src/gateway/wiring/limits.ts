import type { Clock } from '../ports/clock.ts'
import type { GenerationLedger } from '../ports/generations/generation-ledger.ts'
import type { UpstreamRates } from '../ports/operations/upstream-rates.ts'
import { createOwnSlots } from '../services/advance/upstream-slots.ts'
import type { UpstreamSlots } from '../services/advance/upstream-slots.ts'
import { createLocalRates } from '../storage/limits/local-rates.ts'

/** Who counts what upstreams can take: this process, which owns its database. */
export function createLimits(parts: { store: GenerationLedger; clock: Clock }): {
  slots: UpstreamSlots
  rates: UpstreamRates
} {
  return { slots: createOwnSlots(parts), rates: createLocalRates(parts.clock) }
}
