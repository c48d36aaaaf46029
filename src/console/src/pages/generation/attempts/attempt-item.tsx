import { useFormat } from '../../../format/use-format.ts'
import type { PhaseSpan } from '../../../rules/attempt-phases.ts'
import { shownAttemptState } from '../../../rules/attempt-state.ts'
import type { TimeAxis } from '../../../rules/time-axis.ts'
import { KindLetter } from '../../../ui/kind-letter.tsx'
import { StatePill } from '../../../ui/pill.tsx'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import { AttemptActions } from '../actions/attempt-actions.tsx'
import type { Attempt, Generation } from '../queries.ts'
import { generationWords } from '../words.ts'
import { AttemptDetails } from './attempt-details.tsx'
import { Lane } from './lane.tsx'

interface Props {
  generation: Generation
  attempt: Attempt
  spans: readonly PhaseSpan[]
  axis: TimeAxis
}

export function AttemptItem({ generation, attempt, spans, axis }: Props) {
  const { upstream, kind, state, failure, last_error: delay, detail } = attempt
  return (
    <li className="attempt">
      <div className="attempt-head">
        <KindLetter kind={kind} />
        <h3>{state === 'failed' ? <s>{upstream}</s> : upstream}</h3>
        <StatePill state={shownAttemptState(attempt)} />
        <AttemptFigures attempt={attempt} spans={spans} />
      </div>
      <Lane attempt={attempt} spans={spans} axis={axis} />
      {failure !== null && (
        <p className={state === 'abandoned' || state === 'unknown' ? 'words tone-warn' : 'words tone-bad'}>
          <code>{failure.code}</code> {failure.message}
        </p>
      )}
      {delay !== null && (
        <p className="words tone-warn">
          <code>{delay.code}</code> {delay.message}
        </p>
      )}
      {detail !== null && <p className="words mute">{detail}</p>}
      <Afterwards attempt={attempt} />
      <AttemptActions generation={generation} attempt={attempt} />
      <AttemptDetails generation={generation} attempt={attempt} />
    </li>
  )
}

/** How long, and what it cost or may cost. */
function AttemptFigures({ attempt, spans }: { attempt: Attempt; spans: readonly PhaseSpan[] }) {
  const t = useWords(coreWords)
  const format = useFormat()
  const ms = (spans.at(-1)?.to ?? 0) - (spans.at(0)?.from ?? 0)
  const { cost_usd: cost, cost_state: costState, delivered, state } = attempt
  const isInVain =
    costState === 'settled' && cost > 0 && !delivered && (state === 'failed' || state === 'succeeded')
  return (
    <span className="mute">
      {format.seconds(ms / 1000)} ·{' '}
      {costState === 'reserved' ? (
        <span className="tone-warn">{t('up_to', { amount: format.usd(cost) })}</span>
      ) : isInVain ? (
        <span className="tone-bad">{t('amount_paid_no_video', { amount: format.usd(cost) })}</span>
      ) : (
        format.usd(cost)
      )}
    </span>
  )
}

/** What people did about it, and what turned up after that. */
function Afterwards({ attempt: { resolution, resubmission } }: { attempt: Attempt }) {
  const t = useWords(generationWords)
  return (
    <>
      {resolution !== null && (
        <p className="words">
          {t('settled_by', { by: resolution.by, verdict: t(`verdict_${resolution.verdict}`) })}{' '}
          <span className="mute">{resolution.note}</span>
          {resolution.contradicted_by !== null && (
            <span className="tone-warn">
              {' '}
              {t('contradicted', { id: resolution.contradicted_by.upstream_id })}
            </span>
          )}
        </p>
      )}
      {resubmission !== null && <p className="words">{t('resubmitted', { by: resubmission.by })}</p>}
    </>
  )
}
