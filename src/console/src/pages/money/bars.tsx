import { stackBars } from '../../rules/stacked-bars.ts'
import type { Column } from '../../rules/stacked-bars.ts'
import { paidCells } from '../../rules/usage-rows.ts'
import { useFormat } from '../../format/use-format.ts'
import { StackedChart } from '../../ui/charts/stacked-chart.tsx'
import { Empty } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import type { Usage } from './queries.ts'
import { useDates } from './use-dates.ts'
import { moneyWords } from './words.ts'

/** What was paid each day, stacked by upstream. */
export function Bars({ report, days }: { report: Usage; days: readonly string[] }) {
  const t = useWords(moneyWords)
  const { usd } = useFormat()
  const dates = useDates()
  const seriesName = (series: string | null): string => series ?? t('other_upstreams')
  const describe = ({ column, total, segments }: Column): string => {
    const parts = segments.map(({ series, value }) =>
      t('day_part', { name: seriesName(series), amount: usd(value) }),
    )
    return [t('day_sum', { day: dates.day(column), amount: usd(total) }), ...parts].join('\n')
  }
  if (report.data.every(({ cost_usd: paid }) => paid === 0))
    return (
      <Empty title={t('nothing_title')}>
        <p>{t('nothing_detail')}</p>
      </Empty>
    )
  return (
    <StackedChart
      stacked={stackBars(paidCells(report.data), days)}
      label={t('per_day')}
      shortName={dates.shortDay}
      describe={describe}
      value={usd}
      seriesName={seriesName}
    />
  )
}
