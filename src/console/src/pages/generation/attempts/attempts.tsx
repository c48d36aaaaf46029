import { useEffect, useState } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { isLive, phases, phasesOf } from '../../../rules/attempt-phases.ts'
import type { ListedEvent } from '../../../rules/fold-events.ts'
import { hasEnded } from '../../../rules/row-state.ts'
import { longMs, timeAxis } from '../../../rules/time-axis.ts'
import type { TimeAxis } from '../../../rules/time-axis.ts'
import { useWords } from '../../../words/language.tsx'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'
import { AttemptItem } from './attempt-item.tsx'

interface Props {
  generation: Generation
  events: readonly ListedEvent[]
}

/** One lane for each attempt on a common axis. Lanes of attempts under way grow. */
export function Attempts({ generation, events }: Props) {
  const t = useWords(generationWords)
  const { attempts } = generation
  const clock = useNow(attempts.some(isLive) && !hasEnded(generation))
  // The clock of this computer may be behind the gateway's: what has happened is past.
  const now = Math.max(clock, ...events.map(({ at }) => Date.parse(at)))
  const lanes = attempts.map((attempt) => ({ attempt, spans: phasesOf(attempt, events, now) }))
  const created = Date.parse(generation.created_at)
  const moments = [
    created,
    ...lanes.flatMap(({ spans }) => spans.flatMap(({ from, to }) => [from, to])),
    ...events.map(({ at }) => Date.parse(at)).filter((at) => at > created),
  ]
  const isLong = Math.max(...moments) - created > longMs
  const [collapse, setCollapse] = useState(true)
  const axis = timeAxis(moments, isLong && collapse)
  return (
    <section aria-labelledby="attempts-title">
      <div className="section-head">
        <h2 id="attempts-title">{t('attempts')}</h2>
        {isLong && (
          <label className="row-tight small">
            <input
              type="checkbox"
              checked={collapse}
              onChange={(event) => setCollapse(event.currentTarget.checked)}
            />
            {t('collapse')}
          </label>
        )}
      </div>
      {attempts.length === 0 ? (
        <p className="mute">{hasEnded(generation) ? t('no_attempts_ended') : t('no_attempts')}</p>
      ) : (
        <div className="panel">
          <Hatch />
          <Scale axis={axis} />
          <ol className="lanes">
            {lanes.map(({ attempt, spans }) => (
              <AttemptItem
                key={attempt.id}
                generation={generation}
                attempt={attempt}
                spans={spans}
                axis={axis}
              />
            ))}
          </ol>
          <Legend />
        </div>
      )}
    </section>
  )
}

/** The time, four times a second while something is under way. */
function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    setNow(Date.now())
    if (!isRunning) return
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [isRunning])
  return now
}

/** What lanes are filled with while an outcome is not known; drawn in the width of the screen, not of the lane. */
function Hatch() {
  return (
    <svg className="hatch" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern id="hatch" width="8" height="12" patternUnits="userSpaceOnUse" patternTransform="skewX(-40)">
          <rect className="phase-unknown" width="5" height="12" />
        </pattern>
      </defs>
    </svg>
  )
}

function Scale({ axis: { totalMs, cuts } }: { axis: TimeAxis }) {
  const t = useWords(generationWords)
  const format = useFormat()
  const at = (share: number) => format.seconds((totalMs * share) / 1000)
  return (
    <div className="scale small mute">
      <span>0</span>
      {cuts.length === 0 ? (
        <span>{at(0.5)}</span>
      ) : (
        <span className="scale-cuts">
          {cuts.map(({ at: place, skippedMs }) => (
            <span key={place}>⫽ {t('cut', { time: format.seconds(skippedMs / 1000) })}</span>
          ))}
        </span>
      )}
      <span>{at(1)}</span>
    </div>
  )
}

function Legend() {
  const t = useWords(generationWords)
  return (
    <ul className="legend small mute" aria-hidden="true">
      {phases.map((phase) => (
        <li key={phase}>
          <span className={`swatch phase-${phase}`} />
          {t(`phase_${phase}`)}
        </li>
      ))}
    </ul>
  )
}
