import type { ReactNode } from 'react'
import { useFormat } from '../../format/use-format.ts'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import type { Usage } from './queries.ts'
import { moneyWords } from './words.ts'

/** The sums of the time. Each is about something else: no two of them are ever added up. */
export function Heads({ totals }: { totals: Usage['totals'] }) {
  const t = useWords(moneyWords)
  const core = useWords(coreWords)
  const { usd, number } = useFormat()
  const isLoss = totals.saving_usd < 0
  return (
    <dl className="heads">
      <Head name={core('paid')} amount={usd(totals.cost_usd)}>
        {t('videos', { n: totals.videos, attempts: number(totals.attempts) })}
      </Head>
      <Head
        name={core('may_still_be_charged')}
        amount={usd(totals.reserved_cost_usd)}
        tone={totals.reserved_cost_usd > 0 ? 'warn' : null}
      >
        {totals.reserved_cost_usd > 0
          ? t('charged_unknown', { amount: usd(totals.unknown_cost_usd) })
          : t('none_reserved')}
      </Head>
      <Head
        name={core('paid_no_video')}
        amount={usd(totals.unused_cost_usd)}
        tone={totals.unused_cost_usd > 0 ? 'bad' : null}
      >
        {t('no_video_detail')}
      </Head>
      <Head name={t('premium')} amount={usd(totals.premium_usd)}>
        {t('premium_detail')}
      </Head>
      <Head
        name={isLoss ? t('lost') : t('saved')}
        amount={usd(Math.abs(totals.saving_usd))}
        tone={isLoss ? 'bad' : totals.saving_usd > 0 ? 'ok' : null}
      >
        {t('saved_detail', { amount: usd(totals.official_cost_usd) })}
      </Head>
    </dl>
  )
}

interface HeadProps {
  name: string
  amount: string
  tone?: 'warn' | 'bad' | 'ok' | null
  children: ReactNode
}

function Head({ name, amount, tone = null, children }: HeadProps) {
  return (
    <div className="head">
      <dt>{name}</dt>
      <dd className={tone === null ? 'head-amount' : `head-amount tone-${tone}`}>{amount}</dd>
      <dd className="small mute">{children}</dd>
    </div>
  )
}
