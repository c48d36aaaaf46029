import { useFormat } from '../../../format/use-format.ts'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import type { Character } from '../scene/use-characters.ts'
import { Candidates, LeftOut } from './candidates.tsx'
import { Cast } from './cast.tsx'
import { NoPlan } from './no-plan.tsx'
import type { Planned } from './asked.ts'
import { ScenePlans } from './scene-plans.tsx'
import type { RouteState } from './use-route.ts'

/** Where the scene would go, in order, with reasons and prices; or why it cannot go anywhere. */
export function RoutePanel({
  route: { current, shown, problem, isAsking },
  characters,
  prompts,
  faultsAtText,
}: {
  route: RouteState
  characters: readonly Character[]
  /** Of all scenes, in order. */
  prompts: readonly string[]
  /** Whether the faults are shown at the text. */
  faultsAtText: boolean
}) {
  const t = useWords(studioWords)
  const isOld = current === null
  return (
    <section className="route-panel panel" aria-labelledby="route-title" aria-busy={isAsking}>
      <h2 id="route-title">{t('route_title')}</h2>
      {problem !== null ? (
        <NoPlan problem={problem} faultsAtText={faultsAtText} />
      ) : shown === null ? (
        <p className="mute">{t('route_empty')}</p>
      ) : (
        <div className={isOld ? 'route-old' : undefined}>
          <Plans planned={shown} characters={characters} prompts={prompts} />
        </div>
      )}
    </section>
  )
}

function Plans({
  planned,
  characters,
  prompts,
}: {
  planned: Planned
  characters: readonly Character[]
  prompts: readonly string[]
}) {
  const t = useWords(studioWords)
  const { one, plans, price, isWithinMaxCost } = planned
  return (
    <div className="stack">
      {one === null ? (
        <ScenePlans plans={plans} prompts={prompts} />
      ) : (
        <>
          <Candidates candidates={one.candidates} />
          <Cast preview={one} characters={characters} />
        </>
      )}
      {price !== null && <Prices {...price} />}
      {!isWithinMaxCost && <p className="tone-warn small">{t('over_ceiling')}</p>}
      {one !== null && one.excluded.length > 0 && <LeftOut excluded={one.excluded} />}
    </div>
  )
}

function Prices({ estimatedUsd, worstUsd }: { estimatedUsd: number; worstUsd: number }) {
  const t = useWords(studioWords)
  const { usd } = useFormat()
  return (
    <dl className="facts route-prices">
      <dt>{t('estimated')}</dt>
      <dd>
        <strong>{usd(estimatedUsd)}</strong>
      </dd>
      <dt>
        {t('worst_case')}
        <span className="small mute route-note">{t('worst_case_hint')}</span>
      </dt>
      <dd>{usd(worstUsd)}</dd>
    </dl>
  )
}
