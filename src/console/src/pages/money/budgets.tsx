import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Budget } from '../../rules/budget.ts'
import { useCan } from '../../session/use-can.ts'
import { BudgetMeter } from '../../ui/budget/budget-meter.tsx'
import { KindLetter } from '../../ui/kind-letter.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { capsQuery, keysQuery, ownKeyQuery, tenantsQuery } from './queries.ts'
import { moneyWords } from './words.ts'

/** Budgets of this month and caps of today, whatever time the report is of. */
export function Budgets() {
  const t = useWords(moneyWords)
  const isAdmin = useCan('admin')
  const seesTenants = useCan('admin', 'observe', 'operate')
  return (
    <section className="money-part" aria-labelledby="budgets">
      <h2 id="budgets">{t('budgets')}</h2>
      <p className="mute small">{t('budgets_detail')}</p>
      <div className="budget-lists">
        {seesTenants && <TenantBudgets />}
        {isAdmin ? <KeyBudgets /> : <OwnBudget />}
        <Caps />
      </div>
    </section>
  )
}

interface Line {
  id: string
  name: ReactNode
  /** For screen readers. */
  label: string
  budget: Budget
}

interface LinesProps {
  title: string
  lines: readonly Line[]
  /** How many there are besides. */
  others: number
  isOfCaps?: boolean
}

function Lines({ title, lines, others, isOfCaps = false }: LinesProps) {
  const t = useWords(moneyWords)
  return (
    <div className="panel stack">
      <h3>{title}</h3>
      {lines.length > 0 && (
        <ul className="budget-lines">
          {lines.map(({ id, name, label, budget }) => (
            <li key={id}>
              <span className="budget-name">{name}</span>
              <BudgetMeter name={label} budget={budget} />
            </li>
          ))}
        </ul>
      )}
      {others > 0 && (
        <p className="mute small">{t(isOfCaps ? 'without_cap' : 'without_budget', { n: others })}</p>
      )}
    </div>
  )
}

interface Monthly {
  monthly_budget_usd: number | null
  spent_this_month_usd: number
  reserved_this_month_usd: number
}

function monthly(of: Monthly): Budget | null {
  return of.monthly_budget_usd === null
    ? null
    : {
        limitUsd: of.monthly_budget_usd,
        paidUsd: of.spent_this_month_usd,
        reservedUsd: of.reserved_this_month_usd,
      }
}

function linesOf<Row extends Monthly & { name: string }>(rows: readonly Row[], id: (row: Row) => string) {
  const lines = rows.flatMap((row): Line[] => {
    const budget = monthly(row)
    return budget === null ? [] : [{ id: id(row), name: row.name, label: row.name, budget }]
  })
  return { lines, others: rows.length - lines.length }
}

function TenantBudgets() {
  const t = useWords(moneyWords)
  const query = useQuery(tenantsQuery)
  return (
    <Loaded query={query} bones={2}>
      {({ data }) => <Lines title={t('of_tenants')} {...linesOf(data, ({ name }) => name)} />}
    </Loaded>
  )
}

function KeyBudgets() {
  const t = useWords(moneyWords)
  const query = useQuery(keysQuery)
  return (
    <Loaded query={query} bones={2}>
      {({ data }) => (
        <Lines
          title={t('of_keys')}
          {...linesOf(
            data.filter(({ state }) => state === 'active'),
            ({ id }) => id,
          )}
        />
      )}
    </Loaded>
  )
}

/** A key that does not administer sees its own budget, and that of its tenant. */
function OwnBudget() {
  const t = useWords(moneyWords)
  const query = useQuery(ownKeyQuery)
  return (
    <Loaded query={query} bones={2}>
      {(key) => {
        const own = linesOf([key], ({ id }) => id)
        const shared = key.tenant_budget && monthly(key.tenant_budget)
        const tenant = shared && { id: 'tenant', name: key.tenant, label: key.tenant, budget: shared }
        return (
          <Lines
            title={t('own_key')}
            lines={[...own.lines, ...(tenant ? [tenant] : [])]}
            others={own.others}
          />
        )
      }}
    </Loaded>
  )
}

function Caps() {
  const t = useWords(moneyWords)
  const query = useQuery(capsQuery)
  return (
    <Loaded query={query} bones={2}>
      {({ data }) => {
        const seen = data.filter(({ spend }) => spend !== null)
        if (seen.length === 0) return null
        const lines = seen.flatMap(({ id, kind, spend }): Line[] =>
          spend === null || spend.cap_usd === null
            ? []
            : [
                {
                  id,
                  label: id,
                  name: (
                    <span className="row">
                      <KindLetter kind={kind} />
                      {id}
                    </span>
                  ),
                  budget: {
                    limitUsd: spend.cap_usd,
                    paidUsd: spend.spent_today_usd,
                    reservedUsd: spend.reserved_today_usd,
                  },
                },
              ],
        )
        return <Lines title={t('of_upstreams')} lines={lines} others={seen.length - lines.length} isOfCaps />
      }}
    </Loaded>
  )
}
