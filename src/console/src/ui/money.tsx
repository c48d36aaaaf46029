import { useFormat } from '../format/use-format.ts'
import type { MoneyShown } from '../rules/money-words.ts'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'

/** `$0.12`; `$0.00 up to $0.12` while more may be charged; `$0.12 paid, no video`. */
export function Money({ paidUsd, reservedUsd, withoutVideo }: MoneyShown) {
  const t = useWords(coreWords)
  const { usd } = useFormat()
  return (
    <span className="money">
      {withoutVideo ? (
        <span className="tone-bad">{t('amount_paid_no_video', { amount: usd(paidUsd) })}</span>
      ) : (
        usd(paidUsd)
      )}
      {reservedUsd > 0 && (
        <span className="money-reserved tone-warn">{t('up_to', { amount: usd(paidUsd + reservedUsd) })}</span>
      )}
    </span>
  )
}
