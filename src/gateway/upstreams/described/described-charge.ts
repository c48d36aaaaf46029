import type { JobReport } from '../../domain/attempts/outcome.ts'
import type { VendorCharge } from '../../domain/attempts/vendor-cost.ts'
import { asAmount, asCount } from '../answers/wire-fields.ts'
import type { CostPart } from './description/description-calls.ts'
import { firstOf } from './expressions/expression.ts'
import type { Expression, Values } from './expressions/expression.ts'

/** The report with the cost of the job, where the description says where that is. Otherwise it keeps what was found. */
export function withCost(
  report: JobReport,
  part: CostPart | undefined,
  value: unknown,
  asked: Values,
): JobReport {
  const hasEnded = report.type === 'completed' || report.type === 'failed' || report.type === 'refused'
  const charge = part === undefined || !hasEnded ? null : chargeOf(part, value, asked)
  return charge === null || !hasEnded ? report : { ...report, charge }
}

function chargeOf(part: CostPart, value: unknown, asked: Values): VendorCharge | null {
  const { amount: places, unit, usd_per_unit: usd } = part
  const amount = asAmount(firstOf(places, value, asked))
  if (amount === undefined) return null
  return {
    micros: usd === undefined ? null : Math.round(amount * usd * 1e6),
    seconds: unit === 'seconds' ? amount : null,
    usage: { amount, unit },
  }
}

/** The number of jobs before this one, where the description says where that is. */
export function queuePositionOf(
  part: readonly Expression[] | undefined,
  value: unknown,
  asked: Values,
): number | null {
  return asCount(firstOf(part ?? [], value, asked)) ?? null
}
