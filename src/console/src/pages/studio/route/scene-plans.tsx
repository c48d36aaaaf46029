import { useFormat } from '../../../format/use-format.ts'
import { KindLetter } from '../../../ui/kind-letter.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import type { Plan } from './asked.ts'
import { LeftOut } from './candidates.tsx'

/** The first upstream and the price of each scene. */
export function ScenePlans({
  plans,
  prompts,
}: {
  plans: ReadonlyArray<Plan | null>
  prompts: readonly string[]
}) {
  const t = useWords(studioWords)
  const { usd } = useFormat()
  const excluded = plans.find((plan) => plan !== null && plan.excluded.length > 0)?.excluded ?? []
  return (
    <>
      <ol className="candidates scene-plans">
        {plans.map((plan, index) => (
          <li key={index} className="candidate">
            <div className="candidate-head">
              {plan?.candidates[0] !== undefined && <KindLetter kind={plan.candidates[0].kind} />}
              <strong className="candidate-name">{plan?.candidates[0]?.upstream ?? '–'}</strong>
              <span className="candidate-cost">{plan === null ? '–' : usd(plan.estimated_cost_usd)}</span>
            </div>
            <p className="small mute scene-plan-words">{prompts[index]}</p>
            {plan === null && <p className="small tone-warn">{t('over_budget')}</p>}
          </li>
        ))}
      </ol>
      {excluded.length > 0 && <LeftOut excluded={excluded} />}
    </>
  )
}
