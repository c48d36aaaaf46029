/** What sending again elsewhere may cost, from the members of the problem `two_bills_possible`, in USD. */
export interface TwoBills {
  first: { upstream: string; usd: number }
  /** Null: no upstream is free, so its price is not known yet. */
  second: { upstream: string; usd: number } | null
}

function billIn(value: unknown): { upstream: string; usd: number } | null {
  if (typeof value !== 'object' || value === null || !('upstream' in value) || !('usd' in value)) return null
  const { upstream, usd } = value
  return typeof upstream === 'string' && typeof usd === 'number' ? { upstream, usd } : null
}

export function twoBillsIn(members: Readonly<Record<string, unknown>>): TwoBills | null {
  const first = billIn(members['first_bill'])
  return first === null ? null : { first, second: billIn(members['second_bill']) }
}
