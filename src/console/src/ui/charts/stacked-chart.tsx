import { useId } from 'react'
import { labelled, roomOf } from '../../rules/stacked-bars.ts'
import type { Column, Stacked } from '../../rules/stacked-bars.ts'
import { SeriesPatterns } from './series-pattern.tsx'
import { useWidth } from './use-width.ts'

const height = 240
const edge = { top: 18, right: 4, bottom: 24, left: 60 }
const plot = height - edge.top - edge.bottom
/** What a sum above a column takes in width. */
const sumRoom = 44

interface Props {
  stacked: Stacked
  /** What is drawn, for screen readers. */
  label: string
  /** A column below the axis, in few letters. */
  shortName: (column: string) => string
  /** All that is to be known of a column, with the sum of each series. */
  describe: (column: Column) => string
  value: (amount: number) => string
  seriesName: (series: string | null) => string
}

/** Bars of several series on top of each other, with an axis, the sum above each bar where there is room, and a key below. */
export function StackedChart({ stacked, label, shortName, describe, value, seriesName }: Props) {
  const id = useId()
  const { ref, width } = useWidth<HTMLDivElement>()
  const { columns, series, ticks } = stacked
  const top = ticks.at(-1) ?? 1
  const inner = Math.max(0, width - edge.left - edge.right)
  const slot = inner / Math.max(1, columns.length)
  const y = (amount: number) => edge.top + plot - (amount / top) * plot
  const named = labelled(columns.length, inner, roomOf(columns.map(({ column }) => shortName(column))))
  const places = new Map(series.map(({ name }, index) => [name, index]))
  return (
    <figure className="stacked-chart">
      <div ref={ref}>
        {width > 0 && (
          <svg width={width} height={height} role="group" aria-label={label}>
            <SeriesPatterns id={id} count={series.length} />
            <g aria-hidden="true" className="axis">
              {ticks.map((tick) => (
                <g key={tick}>
                  <line x1={edge.left} x2={width - edge.right} y1={y(tick)} y2={y(tick)} />
                  <text x={edge.left - 8} y={y(tick) + 4} textAnchor="end">
                    {value(tick)}
                  </text>
                </g>
              ))}
            </g>
            {columns.map((column, index) => (
              <g
                key={column.column}
                role="img"
                aria-label={describe(column)}
                className="stacked-bar"
                transform={`translate(${edge.left + index * slot} 0)`}
              >
                <title>{describe(column)}</title>
                <rect className="bar-room" width={slot} y={edge.top} height={plot} />
                {column.segments.map(({ series: name, from, to }) => (
                  <rect
                    key={name ?? ''}
                    className="bar-part"
                    x={slot * 0.14}
                    width={Math.max(1, slot * 0.72)}
                    y={y(to)}
                    height={Math.max(0.5, y(from) - y(to))}
                    fill={`url(#${id}-${places.get(name) ?? 0})`}
                  />
                ))}
                {slot >= sumRoom && column.total > 0 && (
                  <text x={slot / 2} y={y(column.total) - 5} textAnchor="middle" className="bar-sum">
                    {value(column.total)}
                  </text>
                )}
                {named.has(index) && (
                  <text x={slot / 2} y={height - 6} textAnchor="middle">
                    {shortName(column.column)}
                  </text>
                )}
              </g>
            ))}
          </svg>
        )}
      </div>
      <SeriesKey series={series} value={value} seriesName={seriesName} />
    </figure>
  )
}

function SeriesKey({
  series,
  value,
  seriesName,
}: Pick<Props, 'value' | 'seriesName'> & Pick<Stacked, 'series'>) {
  const id = useId()
  return (
    <ul className="series-key">
      {series.map(({ name, total }, index) => (
        <li key={name ?? ''}>
          <svg width="20" height="14" aria-hidden="true">
            <SeriesPatterns id={id} count={series.length} />
            <rect className="bar-part" x="0.5" y="0.5" width="19" height="13" fill={`url(#${id}-${index})`} />
          </svg>
          <span>{seriesName(name)}</span>
          <span className="mute">{value(total)}</span>
        </li>
      ))}
    </ul>
  )
}
