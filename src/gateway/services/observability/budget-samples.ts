import type { MetricOf, Sample } from '../../domain/observability/metric-catalogue.ts'

/** A monthly budget of a key, or of a whole tenant where `key` is null. */
export interface Budget {
  tenant: string
  key: string | null
  micros: number
}

const nearShare = 0.8

/** How far budgets are used up, without saying whose. A budget of nothing counts as used up. */
export function budgetSamples(
  budgets: readonly Budget[],
  committed: ReadonlyArray<{ tenant: string; key: string; micros: number }>,
): Array<Sample<MetricOf<'gauge'>>> {
  const used = new Map<string, number>()
  for (const { tenant, key, micros } of committed)
    for (const name of [nameOf(tenant, key), nameOf(tenant, null)])
      used.set(name, (used.get(name) ?? 0) + micros)
  const shares = budgets.map(({ tenant, key, micros }) =>
    micros === 0 ? 1 : (used.get(nameOf(tenant, key)) ?? 0) / micros,
  )
  return [
    {
      name: 'understudy_budget_used_ratio_max',
      labels: {},
      value: shares.reduce((most, each) => Math.max(most, each), 0),
    },
    {
      name: 'understudy_budgets_above_80_percent',
      labels: {},
      value: shares.filter((share) => share >= nearShare).length,
    },
  ]
}

function nameOf(tenant: string, key: string | null): string {
  return JSON.stringify([tenant, key])
}
