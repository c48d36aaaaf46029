import type { ReactNode } from 'react'
import { useClock } from '../../format/use-clock.ts'
import { barsOf, roundTop } from '../../rules/spark.ts'
import { useWords } from '../../words/language.tsx'
import { chartWords } from './words.ts'

const box = { width: 240, height: 56 }

export interface Series {
  /** Stable, for React. */
  id: string
  title: string
  /** The figure of the whole day, as text. */
  total: string
  values: ReadonlyArray<number | null>
  format: (value: number) => string
  tone: 'run' | 'ok' | 'bad' | 'off'
  /** What belongs below the chart. */
  more?: ReactNode
}

/** One series of a day, with an axis of its own: bars by the hour, the highest figure at the top. */
export function DayChart({ series, at }: { series: Series; at: readonly string[] }) {
  const t = useWords(chartWords)
  const { hour } = useClock()
  const { title, total, values, format, tone, more } = series
  const max = roundTop(values)
  const [first] = at
  return (
    <figure className="day-chart">
      <figcaption>
        <span className="day-chart-title">{title}</span>
        <span className="day-chart-total">{total}</span>
      </figcaption>
      <div className="day-chart-plot">
        <span className="day-chart-top small mute" aria-hidden="true">
          {format(max)}
        </span>
        <svg
          className={`tone-${tone}`}
          viewBox={`0 0 ${box.width} ${box.height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t('chart_label', { title, total })}
        >
          <path className="day-chart-grid" d={`M0 0.5H${box.width}M0 ${box.height - 0.5}H${box.width}`} />
          {barsOf(values, { ...box, max }).map((bar, index) => (
            <rect key={at[index] ?? index} className="day-chart-bar" {...bar}>
              <title>{titleOf(at[index], values[index])}</title>
            </rect>
          ))}
        </svg>
      </div>
      <div className="day-chart-axis small mute" aria-hidden="true">
        <span>{first === undefined ? '' : hour(first)}</span>
        <span>{t('now')}</span>
      </div>
      {more}
    </figure>
  )

  function titleOf(step: string | undefined, value: number | null | undefined): string {
    if (step === undefined) return ''
    return t('at_hour', { hour: hour(step), value: value == null ? t('no_measure') : format(value) })
  }
}

/** Several series side by side, and below them the same as a table. */
export function DayCharts({ series, at }: { series: readonly Series[]; at: readonly string[] }) {
  return (
    <div className="stack">
      <div className="day-charts-box">
        <div className="day-charts">
          {series.map((each) => (
            <DayChart key={each.id} series={each} at={at} />
          ))}
        </div>
      </div>
      <DayTable series={series} at={at} />
    </div>
  )
}

function DayTable({ series, at }: { series: readonly Series[]; at: readonly string[] }) {
  const t = useWords(chartWords)
  const { hour } = useClock()
  return (
    <details className="day-table">
      <summary className="small">{t('as_table')}</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label={t('table_name')}>
        <table className="table small">
          <thead>
            <tr>
              <th scope="col">{t('hour')}</th>
              {series.map(({ id, title }) => (
                <th key={id} scope="col" className="figure">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {at.map((step, index) => (
              <tr key={step}>
                <th scope="row">{hour(step)}</th>
                {series.map(({ id, values, format }) => (
                  <td key={id} className="figure">
                    {values[index] == null ? '–' : format(values[index])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
