import { useFormat } from '../../../format/use-format.ts'
import type { PhaseSpan } from '../../../rules/attempt-phases.ts'
import type { TimeAxis } from '../../../rules/time-axis.ts'
import { useWords } from '../../../words/language.tsx'
import type { Attempt } from '../queries.ts'
import { generationWords } from '../words.ts'

interface Props {
  attempt: Attempt
  spans: readonly PhaseSpan[]
  axis: TimeAxis
}

const height = 12
const width = 1000

/** The phases of one attempt on the common axis; for screen readers, a list of phases with their times. */
export function Lane({ attempt, spans, axis }: Props) {
  const t = useWords(generationWords)
  const format = useFormat()
  const lasted = (ms: number) => format.seconds(ms / 1000)
  const end = spans.at(-1)?.to
  const start = spans.at(0)?.from
  const total = start === undefined || end === undefined ? 0 : end - start
  return (
    <>
      <svg className="lane" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <rect className="lane-ground" width={width} height={height} />
        {spans.map(({ phase, from, to }) => {
          const x = axis.place(from) * width
          return (
            <rect
              key={from}
              className={`phase-${phase}`}
              x={x}
              width={Math.max(1.5, axis.place(to) * width - x)}
              height={height}
            >
              <title>{t('phase_time', { phase: t(`phase_${phase}`), time: lasted(to - from) })}</title>
            </rect>
          )
        })}
        {axis.cuts.map(({ at }) => (
          <rect key={at} className="lane-cut" x={at * width - 2} width={4} height={height} />
        ))}
        {attempt.state === 'failed' && end !== undefined && (
          <rect
            className="lane-failed"
            x={Math.min(axis.place(end) * width, width - 3)}
            width={3}
            height={height}
          />
        )}
      </svg>
      <ul className="visually-hidden" aria-label={t('lane', { upstream: attempt.upstream })}>
        {spans.map(({ phase, from, to }) => (
          <li key={from}>{t('phase_time', { phase: t(`phase_${phase}`), time: lasted(to - from) })}</li>
        ))}
        {attempt.state === 'failed' && <li>{t('failed_at', { time: lasted(total) })}</li>}
      </ul>
    </>
  )
}
