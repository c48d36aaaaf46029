import type { ReactNode } from 'react'

/** Series are told apart by their pattern as well as by their colour; the first one is plain. */
const marks: readonly ReactNode[] = [
  null,
  <path key="rising" d="M-2 2 2 -2M0 8 8 0M6 10 10 6" />,
  <path key="dots" d="M2 2h.01M6 6h.01" strokeWidth="2.4" strokeLinecap="round" />,
  <path key="lying" d="M0 2h8M0 6h8" />,
  <path key="falling" d="M-2 6 2 10M0 0 8 8M6 -2 10 2" />,
  <path key="grid" d="M0 4h8M4 0v8" />,
  <path key="standing" d="M2 0v8M6 0v8" />,
  <path key="crosses" d="m2 2 4 4m0-4-4 4" />,
]

/** The patterns of the series of one drawing; `id` is unique on the page. */
export function SeriesPatterns({ id, count }: { id: string; count: number }) {
  return (
    <defs>
      {marks.slice(0, count).map((mark, index) => (
        <pattern
          key={index}
          id={`${id}-${index}`}
          width="8"
          height="8"
          patternUnits="userSpaceOnUse"
          className={`series series-${index}`}
        >
          <rect width="8" height="8" className="series-ground" />
          <g className="series-mark">{mark}</g>
        </pattern>
      ))}
    </defs>
  )
}
