/** Where the cost of an attempt comes from. */
export const costSources = ['vendor', 'price_list'] as const
export type CostSource = (typeof costSources)[number]

/** How the costs that a vendor reports are used. Stored with an attempt at its start, like its price. */
export interface CostRules {
  /** Which cost the ledger counts if the vendor reports one. */
  settleBy: CostSource
  /** As a fraction of the expected cost. Larger differences add a warning. */
  warnDifference: number
  /** The value in micro-dollars of one unit, by its name, such as `tokens`. May be fractional. */
  microsPerUnit: Readonly<Record<string, number>>
}

export const usualCostRules: CostRules = { settleBy: 'price_list', warnDifference: 0.1, microsPerUnit: {} }

/** The usage that the vendor reports for one job, in its own unit. */
export interface VendorUsage {
  amount: number
  unit: string
}

/**
 * The cost of one job as reported by the vendor: micro-dollars or billed seconds, null if not reported. `usage`: in another unit,
 * absent if not reported.
 */
export interface VendorCharge {
  micros: number | null
  seconds: number | null
  usage?: VendorUsage
}

/** No single video costs more. A larger amount is an error, and its sums could overflow eight-byte integers. */
const mostVendorMicros = 1e12

/** The reported cost; null if none was reported or it is implausible. */
export function countableMicros(micros: number | null): number | null {
  return micros !== null && Number.isInteger(micros) && micros >= 0 && micros <= mostVendorMicros
    ? micros
    : null
}

/** The cost in micro-dollars: by the configured value of the vendor's unit, else as reported. Null if unknown. */
export function vendorMicrosOf({ micros, seconds, usage }: VendorCharge, rules: CostRules): number | null {
  const counted = usage ?? (seconds === null ? undefined : { amount: seconds, unit: 'seconds' })
  if (counted === undefined || !Object.hasOwn(rules.microsPerUnit, counted.unit)) return micros
  return Math.round(counted.amount * (rules.microsPerUnit[counted.unit] ?? 0))
}

/** Both in micro-dollars. Differences up to a hundredth of a cent are attributed to rounding. */
export function differs(saidMicros: number, expectedMicros: number, { warnDifference }: CostRules): boolean {
  return Math.abs(saidMicros - expectedMicros) > Math.max(100, expectedMicros * warnDifference)
}

/** The source of the total cost: `vendor` only if every cost in it was reported by a vendor. */
export function costSourceOf(
  attempts: ReadonlyArray<{ costState: string; costMicros: number; costSource?: CostSource | undefined }>,
): CostSource {
  const counted = attempts.filter(({ costState, costMicros, costSource }) => {
    return costState === 'settled' && (costMicros > 0 || costSource === 'vendor')
  })
  const isAll = counted.length > 0 && counted.every(({ costSource }) => costSource === 'vendor')
  return isAll ? 'vendor' : 'price_list'
}
