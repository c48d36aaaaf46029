import { useFormat } from '../../../format/use-format.ts'
import { coreWords } from '../../../words/core.ts'
import { useWords } from '../../../words/language.tsx'
import type { Comparison } from '../queries.ts'

/** What is paid; and, where there is some, what may still be charged and what brought no video. Never added up. */
export function ThreeSums({ money }: { money: Comparison['money'] }) {
  const t = useWords(coreWords)
  const { usd } = useFormat()
  const rows = [
    { word: 'paid', amount: money.paid_usd, tone: '' },
    { word: 'may_still_be_charged', amount: money.may_still_be_charged_usd, tone: 'tone-warn' },
    { word: 'paid_no_video', amount: money.paid_without_video_usd, tone: 'tone-bad' },
  ] as const
  return (
    <dl className="three-sums small">
      {rows
        .filter(({ word, amount }) => word === 'paid' || amount > 0)
        .map(({ word, amount, tone }) => (
          <div key={word}>
            <dt className="mute">{t(word)}</dt>
            <dd className={tone}>{usd(amount)}</dd>
          </div>
        ))}
    </dl>
  )
}
