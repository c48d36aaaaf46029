import { useQuery } from '@tanstack/react-query'
import { useFormat } from '../../format/use-format.ts'
import { counted } from '../../ui/charts/counted.ts'
import { DayCharts } from '../../ui/charts/day-chart.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { ownDayQuery } from './queries.ts'
import { overviewWords } from './words.ts'

/** The own work of a key and its tenant, by the hour. */
export function OwnDay() {
  const t = useWords(overviewWords)
  const query = useQuery(ownDayQuery)
  const { number, usd } = useFormat()
  return (
    <Loaded query={query} bones={4}>
      {(data) => {
        const rows = data.toSorted((one, other) => (one.hour ?? '').localeCompare(other.hour ?? ''))
        const series = [
          counted(
            'attempts',
            t('series_attempts'),
            rows.map(({ attempts }) => attempts),
            'run',
            number,
          ),
          counted(
            'videos',
            t('series_videos'),
            rows.map(({ videos }) => videos),
            'ok',
            number,
          ),
          counted(
            'paid',
            t('series_paid'),
            rows.map(({ cost_usd: paid }) => paid),
            'off',
            usd,
          ),
          counted(
            'unused',
            t('series_unused'),
            rows.map(({ unused_cost_usd: unused }) => unused),
            'bad',
            usd,
          ),
        ]
        return <DayCharts series={series} at={rows.flatMap(({ hour }) => hour ?? [])} />
      }}
    </Loaded>
  )
}
