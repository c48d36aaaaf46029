import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../format/use-format.ts'
import { daySeries, failuresByCode, largestOf, sumOf } from '../../rules/day-series.ts'
import { useCan } from '../../session/use-can.ts'
import { DayCharts } from '../../ui/charts/day-chart.tsx'
import type { Series } from '../../ui/charts/day-chart.tsx'
import { Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { dayQuery } from './queries.ts'
import { upstreamWords } from './words.ts'

/** The last 24 hours there as four series, and its failures by code. */
export function Day({ id }: { id: string }) {
  const t = useWords(upstreamWords)
  const seesDay = useCan('admin', 'observe', 'operate')
  const query = useQuery({ ...dayQuery(id), enabled: seesDay })
  const { number, seconds } = useFormat()
  return (
    <section className="panel stack" aria-labelledby="day-title">
      <h2 id="day-title">{t('day_title')}</h2>
      {!seesDay && <p className="mute">{t('day_takes')}</p>}
      {seesDay && (
        <Loaded query={query} bones={4}>
          {({ data }) => {
            const { at, begun, succeeded, failed, p95Seconds } = daySeries(data)
            const p95 = largestOf(p95Seconds)
            const counts = { format: number }
            const series: Series[] = [
              {
                id: 'creates',
                title: t('series_creates'),
                values: begun,
                total: number(sumOf(begun)),
                tone: 'run',
                ...counts,
              },
              {
                id: 'ok',
                title: t('series_succeeded'),
                values: succeeded,
                total: number(sumOf(succeeded)),
                tone: 'ok',
                ...counts,
              },
              {
                id: 'failed',
                title: t('series_failed'),
                values: failed,
                total: number(sumOf(failed)),
                tone: 'bad',
                ...counts,
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
            return (
              <>
                <DayCharts series={series} at={at} />
                <Failures id={id} counted={failuresByCode(data)} />
              </>
            )
          }}
        </Loaded>
      )}
    </section>
  )
}

function Failures({ id, counted }: { id: string; counted: ReturnType<typeof failuresByCode> }) {
  const t = useWords(upstreamWords)
  const seesWork = useCan('generate', 'read', 'observe', 'operate')
  return (
    <>
      <h3>{t('failures_title')}</h3>
      {counted.length === 0 && <p className="mute">{t('no_failures')}</p>}
      <dl className="counted">
        {counted.map(({ code, n }) => (
          <FailureRow key={code} code={code} n={n} id={id} isLink={seesWork} />
        ))}
      </dl>
    </>
  )
}

function FailureRow({ code, n, id, isLink }: { code: string; n: number; id: string; isLink: boolean }) {
  const t = useWords(upstreamWords)
  return (
    <>
      <dt>
        {isLink ? (
          <Link to="/generations" search={{ upstream: id, error: code, since: '24h' }}>
            <code>{code}</code>
          </Link>
        ) : (
          <code>{code}</code>
        )}
      </dt>
      <dd>{t('times', { n })}</dd>
    </>
  )
}
