import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { fileAddress, usageQuery, usualGroups } from '../../rules/usage-rows.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { Bars } from './bars.tsx'
import { Budgets } from './budgets.tsx'
import { GroupPicker } from './group-picker.tsx'
import { Heads } from './heads.tsx'
import { reportQuery } from './queries.ts'
import { SpanBar } from './span-bar.tsx'
import { UsageTable } from './usage-table.tsx'
import { useMoney } from './use-money.ts'
import type { MoneyView } from './use-money.ts'
import { WhatIf } from './what-if.tsx'
import { moneyWords } from './words.ts'
import '../../ui/budget/budget.css'
import '../../ui/charts/stacked-chart.css'
import './money.css'

/** What was spent, by whom and on what; against which budget; and what it would have cost otherwise. */
export function Money() {
  const core = useWords(coreWords)
  const view = useMoney()
  return (
    <>
      <PageHead title={core('money')} />
      <SpanBar view={view} />
      <Days view={view} />
      <Rows view={view} />
      <Budgets />
      <WhatIf view={view} />
    </>
  )
}

function useReport({ span, search }: MoneyView, groups: MoneyView['groups']) {
  const asked = usageQuery({ from: span.from, to: span.to, groups, tenant: search.tenant })
  const query = useQuery({
    ...reportQuery(asked),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
  return { asked, query }
}

function Days({ view }: { view: MoneyView }) {
  const t = useWords(moneyWords)
  const { query } = useReport(view, usualGroups)
  return (
    <section className="money-part" aria-labelledby="per-day">
      <h2 id="per-day" className="visually-hidden">
        {t('per_day')}
      </h2>
      <Loaded query={query} bones={8}>
        {(report) => (
          <>
            <Heads totals={report.totals} />
            <div className="panel">
              <h3 className="chart-title">{t('per_day')}</h3>
              <Bars report={report} days={view.span.days} />
            </div>
          </>
        )}
      </Loaded>
    </section>
  )
}

function Rows({ view }: { view: MoneyView }) {
  const t = useWords(moneyWords)
  const { asked, query } = useReport(view, view.groups)
  return (
    <section className="money-part" aria-labelledby="rows">
      <div className="page-head">
        <h2 id="rows">{t('table_title')}</h2>
        <div className="page-head-more">
          <GroupPicker view={view} />
          <a className="button" href={fileAddress('/usage.csv', asked)} download="usage.csv">
            {t('export_csv')}
          </a>
        </div>
      </div>
      <Loaded query={query} bones={6}>
        {(report) => <UsageTable report={report} groups={view.groups} />}
      </Loaded>
    </section>
  )
}
