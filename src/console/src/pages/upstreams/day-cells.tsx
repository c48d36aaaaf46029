import { useQuery } from '@tanstack/react-query'
import { useFormat } from '../../format/use-format.ts'
import { daySeries, sumOf } from '../../rules/day-series.ts'
import { Spark } from '../../ui/charts/spark.tsx'
import { useWords } from '../../words/language.tsx'
import { InFlight } from './figures.tsx'
import { dayQuery } from './queries.ts'
import type { Upstream } from './queries.ts'
import { upstreamWords } from './words.ts'

/** The cells that the statistics of a day fill. Keys that do not see these get what the upstream itself says. */
export function DayCells({ upstream, seesDay }: { upstream: Upstream; seesDay: boolean }) {
  const t = useWords(upstreamWords)
  const { percent, seconds } = useFormat()
  const { id, health } = upstream
  const { data } = useQuery({ ...dayQuery(id), enabled: seesDay })
  const rows = data?.data ?? []
  const series = daySeries(rows)
  const ended = sumOf(series.succeeded) + sumOf(series.failed)
  const share = ended > 0 ? sumOf(series.succeeded) / ended : health.success_rate
  const shown = share === null ? null : percent(share)
  // Both of the last hour in which something was rendered.
  const measured = rows.findLast(({ render_seconds: { p95 } }) => p95 !== null)?.render_seconds
  const p50 = measured?.p50 ?? health.latency_seconds
  const p95 = measured?.p95 ?? null
  return (
    <>
      <td role="cell" data-label={t('column_success')}>
        {shown === null ? (
          <span className="mute">–</span>
        ) : (
          <span className="success">
            <span>{shown}</span>
            {ended > 0 && (
              <Spark
                values={series.successShare}
                max={1}
                label={t('success_spark', { id, percent: shown })}
              />
            )}
          </span>
        )}
      </td>
      <td role="cell" className="figure" data-label={t('column_render')}>
        {p50 === null && p95 === null ? (
          <span className="mute">–</span>
        ) : (
          <span className="nowrap">
            {p50 === null ? '–' : seconds(p50)}
            {' / '}
            {p95 === null ? '–' : seconds(p95)}
          </span>
        )}
      </td>
      <td role="cell" className="figure" data-label={t('column_in_flight')}>
        <InFlight health={health} counted={rows.at(-1)?.in_flight ?? null} />
      </td>
    </>
  )
}
