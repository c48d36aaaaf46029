import { useQuery } from '@tanstack/react-query'
import { attentionLines, fullBudgets } from '../../rules/attention-lines.ts'
import type { BudgetRow, BudgetUse, Line } from '../../rules/attention-lines.ts'
import { byUrgency, isSick } from '../../rules/upstream-state.ts'
import { useCan } from '../../session/use-can.ts'
import { useWords } from '../../words/language.tsx'
import { upstreamsQuery } from '../upstreams/queries.ts'
import type { Upstream } from '../upstreams/queries.ts'
import { countsQuery, failingQuery, keysQuery, ownKeyQuery, tenantsQuery, todayQuery } from './queries.ts'
import { overviewWords } from './words.ts'

export type DeskLine = Line<Upstream, BudgetUse>

/** What needs a person, as far as the key may see it. `lines` is null until everything has come. */
export function useDesk(): { lines: DeskLine[] | null; errors: Error[]; retry: () => void } {
  const seesWork = useCan('generate', 'read', 'observe', 'operate')
  const counts = useQuery({ ...countsQuery, enabled: seesWork })
  const upstreams = useQuery(upstreamsQuery)
  const today = useQuery(todayQuery)
  const failing = useQuery({ ...failingQuery, enabled: seesWork })
  const { rows, queries } = useBudgets()
  const asked = [upstreams, today, ...(seesWork ? [counts, failing] : []), ...queries]
  const lines = attentionLines({
    unknown: counts.data?.uncertain.unknown ?? null,
    overdue: counts.data?.uncertain.abandoned ?? null,
    unusedTodayUsd: today.data ?? null,
    sick: upstreams.data === undefined ? null : byUrgency(upstreams.data.data.filter(isSick)),
    webhooks:
      failing.data === undefined
        ? null
        : { failing: failing.data.data.length, hasMore: failing.data.has_more },
    budgets: fullBudgets(rows),
  })
  return {
    lines: asked.some(({ isPending }) => isPending) && lines.length === 0 ? null : lines,
    errors: asked.flatMap(({ error }) => error ?? []),
    retry: () => {
      for (const query of asked) if (query.error !== null) void query.refetch()
    },
  }
}

/** Budgets of all tenants, and of all keys for admins; else those of the own key and tenant. */
function useBudgets() {
  const t = useWords(overviewWords)
  const oversees = useCan('admin', 'observe', 'operate')
  const administers = useCan('admin')
  const tenants = useQuery({ ...tenantsQuery, enabled: oversees })
  const keys = useQuery({ ...keysQuery, enabled: administers })
  const own = useQuery({ ...ownKeyQuery, enabled: !oversees })
  const key = own.data
  const rows: BudgetRow[] = [
    ...(tenants.data?.data ?? []).map((row) => ({
      ...row,
      name: t('budget_of_tenant', { tenant: row.name }),
    })),
    ...(keys.data?.data ?? []).map((row) => ({ ...row, name: t('budget_of_key', { key: row.name }) })),
    ...(key === undefined ? [] : [{ ...key, name: t('budget_of_key', { key: key.name }) }]),
    ...(key?.tenant_budget == null
      ? []
      : [{ ...key.tenant_budget, name: t('budget_of_tenant', { tenant: key.tenant }) }]),
  ]
  const queries = oversees ? [tenants, ...(administers ? [keys] : [])] : [own]
  return { rows, queries }
}
