import { useFormat } from '../../../format/use-format.ts'
import { generationMoney } from '../../../rules/generation-money.ts'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

/** Three words of money, never added up; then what it was expected to cost. */
export function MoneyFacts({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const core = useWords(coreWords)
  const { usd } = useFormat()
  const money = generationMoney(generation)
  return (
    <section aria-labelledby="money-title">
      <h2 id="money-title">{t('money')}</h2>
      <dl className="facts">
        <dt>{core('paid')}</dt>
        <dd className="strong">{usd(money.paidUsd)}</dd>
        {money.reservedUsd > 0 && (
          <>
            <dt>{core('may_still_be_charged')}</dt>
            <dd className="strong tone-warn">{core('up_to', { amount: usd(money.reservedUsd) })}</dd>
          </>
        )}
        {money.withoutVideoUsd > 0 && (
          <>
            <dt>{core('paid_no_video')}</dt>
            <dd className="strong tone-bad">{usd(money.withoutVideoUsd)}</dd>
          </>
        )}
        <dt>{t('estimated')}</dt>
        <dd>{usd(money.estimatedUsd)}</dd>
        <dt>{t('worst_case')}</dt>
        <dd>{usd(money.worstCaseUsd)}</dd>
        {money.officialUsd !== null && (
          <>
            <dt>{t('official_price')}</dt>
            <dd>{usd(money.officialUsd)}</dd>
          </>
        )}
        {money.savedUsd !== null && (
          <>
            <dt>{t('saved')}</dt>
            <dd className="tone-ok">{usd(money.savedUsd)}</dd>
          </>
        )}
      </dl>
    </section>
  )
}
