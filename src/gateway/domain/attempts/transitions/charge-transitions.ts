import type { Attempt } from '../../generation/generation.ts'
import type { TransitionBuffer } from '../transition-buffer.ts'
import { log, warn } from '../transition-buffer.ts'
import { differs, usualCostRules, vendorMicrosOf } from '../vendor-cost.ts'
import type { VendorCharge } from '../vendor-cost.ts'

/** Stores the cost that the vendor reports. Called before the cost is settled. */
export function noteCharge(attempt: Attempt, charge: VendorCharge): void {
  attempt.vendorCostMicros = vendorMicrosOf(charge, attempt.costRules ?? usualCostRules)
  if (charge.usage !== undefined) attempt.vendorUsage = charge.usage
}

/** Compares the reported cost with the price list. Called after the cost is settled. */
export function compareCharge(buffer: TransitionBuffer, attempt: Attempt, { seconds }: VendorCharge): void {
  const { upstream, vendorCostMicros: said, durationSeconds, costRules = usualCostRules } = attempt
  const expected = attempt.listMicros ?? attempt.costMicros
  if (said !== null && differs(said, expected, costRules)) {
    warn(buffer, [
      {
        code: 'cost_differs',
        detail: `${upstream} reports a cost of ${usd(said)} USD; the expected cost was ${usd(expected)} USD.`,
      },
    ])
    log(buffer, 'attempt.cost_differs', {
      attempt: attempt.id,
      upstream,
      vendor_micros: said,
      expected_micros: expected,
    })
  }
  if (attempt.costSource !== 'vendor' && seconds !== null && isLonger(seconds, durationSeconds))
    warn(buffer, [
      {
        code: 'cost_differs',
        detail: `${upstream} reports ${seconds} billed seconds; the expected number was ${durationSeconds}.`,
      },
    ])
}

/** Vendors bill whole seconds, so a difference of one is rounding. */
function isLonger(billed: number, expected: number): boolean {
  return Math.abs(billed - expected) > Math.max(1, expected / 10)
}

function usd(micros: number): string {
  return (micros / 1e6).toFixed(4)
}
