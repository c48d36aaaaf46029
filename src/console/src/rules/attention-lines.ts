/** What needs a person, the most urgent first. */
export const lineKinds = ['unknown', 'overdue', 'unused', 'sick', 'webhooks', 'budgets'] as const

export interface UncertainFigures {
  attempts: number
  reserved_cost_usd: number
  oldest: { generation: string; started_at: string; looked_for_until: string | null } | null
}

/** A figure that the key may not see, or that has not come yet, is null. */
export interface DeskFigures<Upstream, Budget> {
  unknown: UncertainFigures | null
  overdue: UncertainFigures | null
  unusedTodayUsd: number | null
  sick: readonly Upstream[] | null
  webhooks: { failing: number; hasMore: boolean } | null
  budgets: readonly Budget[] | null
}

export type Line<Upstream, Budget> =
  | { kind: 'unknown' | 'overdue'; figures: UncertainFigures }
  | { kind: 'unused'; usd: number }
  | { kind: 'sick'; upstream: Upstream }
  | { kind: 'webhooks'; failing: number; hasMore: boolean }
  | { kind: 'budgets'; budget: Budget }

/** One line for each thing that is not zero, by urgency. Every sick upstream and every budget has its own. */
export function attentionLines<Upstream, Budget>(
  figures: DeskFigures<Upstream, Budget>,
): Array<Line<Upstream, Budget>> {
  const { unknown, overdue, unusedTodayUsd, sick, webhooks, budgets } = figures
  const lines: Array<Line<Upstream, Budget>> = []
  if (unknown !== null && unknown.attempts > 0) lines.push({ kind: 'unknown', figures: unknown })
  if (overdue !== null && overdue.attempts > 0) lines.push({ kind: 'overdue', figures: overdue })
  if (unusedTodayUsd !== null && unusedTodayUsd > 0) lines.push({ kind: 'unused', usd: unusedTodayUsd })
  for (const upstream of sick ?? []) lines.push({ kind: 'sick', upstream })
  if (webhooks !== null && webhooks.failing > 0) lines.push({ kind: 'webhooks', ...webhooks })
  for (const budget of budgets ?? []) lines.push({ kind: 'budgets', budget })
  return lines
}

export interface BudgetRow {
  name: string
  monthly_budget_usd: number | null
  spent_this_month_usd: number
  reserved_this_month_usd: number
}

export interface BudgetUse {
  name: string
  budgetUsd: number
  spentUsd: number
  reservedUsd: number
  /** Of the budget, spent and reserved together: what a request has to fit beside. */
  share: number
}

const nearlySpent = 0.8

/** Budgets of which more than 80 % are spent or reserved, the fullest first. */
export function fullBudgets(rows: readonly BudgetRow[]): BudgetUse[] {
  return rows
    .flatMap((row) => {
      const { name, monthly_budget_usd: budgetUsd } = row
      if (budgetUsd === null) return []
      const { spent_this_month_usd: spentUsd, reserved_this_month_usd: reservedUsd } = row
      const used = spentUsd + reservedUsd
      const share = budgetUsd === 0 ? Number(used > 0) : used / budgetUsd
      return share > nearlySpent ? [{ name, budgetUsd, spentUsd, reservedUsd, share }] : []
    })
    .toSorted((one, other) => other.share - one.share)
}
