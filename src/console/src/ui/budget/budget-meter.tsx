import { useFormat } from '../../format/use-format.ts'
import { budgetLevel, takenShare } from '../../rules/budget.ts'
import type { Budget } from '../../rules/budget.ts'
import { useWords } from '../../words/language.tsx'
import { Pill } from '../pill.tsx'
import { budgetWords } from './words.ts'

/** How much of a budget is taken. What is paid and what is set aside are said apart; the bar shows what is left for new work. */
export function BudgetMeter({ name, budget }: { name: string; budget: Budget }) {
  const t = useWords(budgetWords)
  const { usd, percent } = useFormat()
  const share = takenShare(budget)
  const level = budgetLevel(budget)
  return (
    <span className="budget">
      <meter
        min={0}
        max={1}
        low={0.8}
        high={0.999}
        optimum={0}
        value={share}
        aria-label={t('meter_label', { name })}
        aria-valuetext={t('meter_value', { percent: percent(share) })}
      />
      <span className="small">
        {t('figures', { paid: usd(budget.paidUsd), limit: usd(budget.limitUsd) })}
        {budget.reservedUsd > 0 && (
          <span className="mute"> · {t('set_aside', { amount: usd(budget.reservedUsd) })}</span>
        )}
      </span>
      {level !== 'low' && (
        <Pill
          glyph={level === 'full' ? 'cross' : 'exclamation'}
          tone={level === 'full' ? 'bad' : 'warn'}
          text={t(level)}
        />
      )}
    </span>
  )
}
