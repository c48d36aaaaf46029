import { dollars, facts, table } from '../output/table.ts'
import type { Key, Tenant } from './shapes.ts'

export function showKeys(keys: readonly Key[]): string {
  if (keys.length === 0) return 'No keys found.'
  const rows = keys.map((one) => [
    one.name,
    one.tenant,
    one.state,
    one.scopes.join(','),
    ...moneyOf(one),
    one.last_used_at ?? 'never',
    one.id,
  ])
  return table(['name', 'tenant', 'state', 'scopes', ...money, 'last used', 'id'], rows)
}

export function showKey(one: Key): string {
  const shared = one.tenant_budget
  return facts([
    ['name', one.name],
    ['id', one.id],
    ['tenant', one.tenant],
    ['state', one.expires_at === null ? one.state : `${one.state}, expires ${one.expires_at}`],
    ['scopes', one.scopes.join(', ')],
    ['kinds', one.allow.join(', ')],
    ['upstreams', one.upstreams?.join(', ') ?? 'all'],
    ['models', one.models?.join(', ') ?? 'all'],
    ['budget', budgetText(one.monthly_budget_usd, one)],
    ['tenant budget', shared === null ? 'no limit' : budgetText(shared.monthly_budget_usd, shared)],
    ['budgets reset', one.budget_resets_at],
    ['in flight', `${one.in_flight} of ${one.max_in_flight ?? 'any number'}`],
    ['requests', one.requests_per_minute === null ? 'no limit' : `${one.requests_per_minute} per minute`],
    ['last used', one.last_used_at ?? 'never'],
    ['source', one.source],
  ])
}

export function showTenants(tenants: readonly Tenant[]): string {
  const rows = tenants.map((one) => [one.name, ...moneyOf(one), String(one.in_flight)])
  return table(['tenant', ...money, 'in flight'], rows)
}

const money = ['budget', 'spent', 'reserved'] as const

type Spending = Pick<Key, 'monthly_budget_usd' | 'spent_this_month_usd' | 'reserved_this_month_usd'>

function moneyOf(one: Spending): string[] {
  const budget = one.monthly_budget_usd === null ? '–' : dollars(one.monthly_budget_usd)
  return [budget, dollars(one.spent_this_month_usd), dollars(one.reserved_this_month_usd)]
}

export function budgetText(budget: number | null, used: Omit<Spending, 'monthly_budget_usd'>): string {
  const limit = budget === null ? 'no limit' : `${dollars(budget)} a month`
  return `${limit}; ${dollars(used.spent_this_month_usd)} spent, ${dollars(used.reserved_this_month_usd)} reserved`
}
