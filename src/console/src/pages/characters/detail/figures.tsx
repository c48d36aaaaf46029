import { useQuery } from '@tanstack/react-query'
import { useFormat } from '../../../format/use-format.ts'
import { Loaded } from '../../../ui/panel.tsx'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import { usageQuery } from '../queries.ts'
import { characterWords } from '../words.ts'
import { Scores } from './scores.tsx'

/** What its videos cost, by the three words of money, and what people think of them. */
export function Figures({ id }: { id: string }) {
  const t = useWords(characterWords)
  const core = useWords(coreWords)
  const { usd, number } = useFormat()
  return (
    <section className="panel" aria-label={t('total')}>
      <Loaded query={useQuery(usageQuery(id))} bones={3}>
        {({ totals }) => (
          <dl className="character-figures">
            <div>
              <dt>{t('videos_of')}</dt>
              <dd>{number(totals.videos)}</dd>
            </div>
            <div>
              <dt>{core('paid')}</dt>
              <dd>{usd(totals.cost_usd)}</dd>
            </div>
            <div>
              <dt>{core('may_still_be_charged')}</dt>
              <dd className={totals.reserved_cost_usd > 0 ? 'tone-warn' : undefined}>
                {usd(totals.reserved_cost_usd)}
              </dd>
            </div>
            <div>
              <dt>{core('paid_no_video')}</dt>
              <dd className={totals.unused_cost_usd > 0 ? 'tone-bad' : undefined}>
                {usd(totals.unused_cost_usd)}
              </dd>
            </div>
            <div className="character-figures-scores">
              <dt>{t('column_scores')}</dt>
              <dd>
                <Scores scores={totals.scores} />
              </dd>
            </div>
          </dl>
        )}
      </Loaded>
    </section>
  )
}
