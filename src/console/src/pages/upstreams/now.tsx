import { useQuery } from '@tanstack/react-query'
import { useClock } from '../../format/use-clock.ts'
import { breakerNames } from '../../rules/upstream-state.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { Pill } from '../../ui/pill.tsx'
import { useWords } from '../../words/language.tsx'
import type { Action } from './action.ts'
import { InFlight, PriceWords, SpentToday } from './figures.tsx'
import { dayQuery } from './queries.ts'
import type { Upstream } from './queries.ts'
import { useSentences } from './use-sentences.ts'
import { upstreamWords } from './words.ts'

const pills = {
  closed: { glyph: 'tick', tone: 'off' },
  half_open: { glyph: 'clock', tone: 'run' },
  open: { glyph: 'cross', tone: 'bad' },
} as const

/** How it is now: what is the matter in sentences, its breakers, and its money. */
export function Now({ upstream, onAct }: { upstream: Upstream; onAct: ((action: Action) => void) | null }) {
  const t = useWords(upstreamWords)
  const sentences = useSentences()(upstream)
  const seesDay = useCan('admin', 'observe', 'operate')
  const day = useQuery({ ...dayQuery(upstream.id), enabled: seesDay })
  const counted = day.data?.data.at(-1)?.in_flight ?? null
  return (
    <section className="panel stack" aria-labelledby="now-title">
      <h2 id="now-title">{t('now_title')}</h2>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <BreakerRows upstream={upstream} onAct={onAct} />
      <dl className="facts">
        <dt>{t('column_in_flight')}</dt>
        <dd>
          <InFlight health={upstream.health} counted={counted} />
        </dd>
        <dt>{t('column_price')}</dt>
        <dd>
          <PriceWords price={upstream.price} />
        </dd>
        <dt>{t('column_spent')}</dt>
        <dd>
          <SpentToday spend={upstream.spend} />
        </dd>
      </dl>
    </section>
  )
}

function BreakerRows({ upstream, onAct }: { upstream: Upstream; onAct: ((action: Action) => void) | null }) {
  const t = useWords(upstreamWords)
  const { clock } = useClock()
  return (
    <ul className="breaker-rows" aria-label={t('column_breakers')}>
      {breakerNames.map((name) => {
        const { state, retry_at: at } = upstream.breakers[name]
        const operation = t(`operation_${name}`)
        return (
          <li key={name}>
            <span>{operation}</span>
            <span className="row">
              <Pill {...pills[state]} text={t(`breaker_${state}`)} />
              {at !== null && <span className="small mute">{t('next_try', { time: clock(at) })}</span>}
            </span>
            {state !== 'closed' && onAct !== null && (
              <Button
                aria-label={t('reset_of', { operation })}
                onClick={() => onAct({ type: 'reset', operation: name })}
              >
                {t('reset')}
              </Button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
