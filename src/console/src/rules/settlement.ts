export type Verdict = 'taken' | 'not_taken' | 'charged' | 'not_charged'

/** What can be said of an attempt: whether it was taken while that is unknown, later only what the bill has. */
export function verdictsFor(state: string): readonly [Verdict, ...Verdict[]] {
  return state === 'unknown' ? ['taken', 'not_taken'] : ['charged', 'not_charged']
}

interface Settlement {
  verdict: Verdict
  note: string
  upstream_id?: string
  charged?: boolean
  cost_usd?: number
}

/** The body of the call, with those members only that go with the verdict. */
export function settlementOf(verdict: Verdict, form: Pick<FormData, 'get'>): Settlement {
  const textIn = (name: string) => {
    const value = form.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const charged = form.get('charged') !== null
  const cost = textIn('cost_usd')
  const mayCost = verdict === 'charged' || (verdict === 'not_taken' && charged)
  return {
    verdict,
    note: textIn('note'),
    ...(verdict === 'taken' && { upstream_id: textIn('upstream_id') }),
    ...(verdict === 'not_taken' && { charged }),
    ...(mayCost && cost !== '' && { cost_usd: Number(cost) }),
  }
}
