import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format/use-format.ts'
import { daySeries, failuresByCode, largestOf } from '../../rules/day-series.ts'
import { useCan } from '../../session/use-can.ts'
import { DayCharts } from '../../ui/charts/day-chart.tsx'
import { counted } from '../../ui/charts/counted.ts'
import type { Series } from '../../ui/charts/day-chart.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { dayQuery } from './queries.ts'
import { OwnDay } from './own-day.tsx'
import { overviewWords } from './words.ts'

const shownCodes = 4

/** The last 24 hours: of everybody for those who may see it, else of the own work. */
export function LastDay() {
  const t = useWords(overviewWords)
  const oversees = useCan('admin', 'observe', 'operate')
  return (
    <section className="panel stack" aria-labelledby="series-title">
      <h2 id="series-title">{t('series_title')}</h2>
      {oversees ? <WholeDay /> : <OwnDay />}
    </section>
  )
}

function WholeDay() {
  const t = useWords(overviewWords)
  const query = useQuery(dayQuery)
  const { number, seconds } = useFormat()
  return (
    <Loaded query={query} bones={4}>
      {({ data }) => {
        const { at, begun, succeeded, failed, p95Seconds } = daySeries(data)
        const p95 = largestOf(p95Seconds)
        const series: Series[] = [
          counted('accepted', t('series_accepted'), begun, 'run', number),
          counted('delivered', t('series_delivered'), succeeded, 'ok', number),
          {
            ...counted('failed', t('series_failed'), failed, 'bad', number),
            more: <Codes codes={failuresByCode(data).slice(0, shownCodes)} />,
          },
          {
            id: 'p95',
            title: t('series_p95'),
            values: p95Seconds,
            total: p95 === null ? t('nothing_measured') : t('p95_total', { time: seconds(p95) }),
            tone: 'off',
            format: seconds,
          },
        ]
        return <DayCharts series={series} at={at} />
      }}
    </Loaded>
  )
}

function Codes({ codes }: { codes: ReturnType<typeof failuresByCode> }) {
  const t = useWords(overviewWords)
  const isLink = useCan('generate', 'read', 'observe', 'operate')
  if (codes.length === 0) return null
  return (
    <ul className="desk-codes">
      {codes.map(({ code, n }) => (
        <li key={code}>
          {isLink ? (
            <Link to="/generations" search={{ error: code, since: '24h' }}>
              <code>{t('code_times', { code, n })}</code>
            </Link>
          ) : (
            <code>{t('code_times', { code, n })}</code>
          )}
        </li>
      ))}
    </ul>
  )
}
