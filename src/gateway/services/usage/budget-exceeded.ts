import type { BudgetOwner } from '../../domain/accounts/budget.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'

/** The refusal of work that does not fit into a monthly budget. `cost` is the beginning of the sentence, `budget` the owner. */
export function budgetExceeded(
  { key, tenant }: Client,
  budget: BudgetOwner,
  cost: string,
  extra: Record<string, unknown> = {},
): Problem {
  const owner = budget === 'key' ? `the key ${key}` : `the tenant ${tenant}`
  const detail = `${cost} exceeds what is left of the monthly budget of ${owner}. Ask an administrator to raise it, or wait for the next month.`
  return new Problem('budget_exceeded', detail, { extra: { ...extra, budget } })
}

/** Whose budget a refusal is about; null for other refusals. */
export function exceededBudget({ code, extra }: Problem): BudgetOwner | null {
  if (code !== 'budget_exceeded') return null
  return extra['budget'] === 'tenant' ? 'tenant' : 'key'
}
