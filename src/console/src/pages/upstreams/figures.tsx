import { useFormat } from '../../format/use-format.ts'
import { slotsOf } from '../../rules/upstream-state.ts'
import { useWords } from '../../words/language.tsx'
import type { Upstream } from './queries.ts'
import { upstreamWords } from './words.ts'

export function PriceWords({ price }: { price: Upstream['price'] }) {
  const t = useWords(upstreamWords)
  const { usd } = useFormat()
  if (price.type === 'per_request') return t('per_video', { price: usd(price.usd) })
  const prices = Object.values(price.usd)
  const least = usd(Math.min(...prices))
  return prices.length === 1 ? t('per_second', { price: least }) : t('from_per_second', { price: least })
}

/** `9 of 50`; without a limit, what the statistics say, or a dash. */
export function InFlight({ health, counted }: { health: Upstream['health']; counted: number | null }) {
  const t = useWords(upstreamWords)
  const { number } = useFormat()
  const slots = slotsOf(health)
  if (slots !== null) return t('of_limit', { used: number(slots.used), limit: number(slots.limit) })
  return counted === null ? '–' : t('no_limit', { used: number(counted) })
}

/** What it spent today, and of what cap; null for keys that do not see it. */
export function SpentToday({ spend }: { spend: Upstream['spend'] }) {
  const t = useWords(upstreamWords)
  const { usd } = useFormat()
  if (spend === null) return <span className="mute">–</span>
  return (
    <span className="money">
      {usd(spend.spent_today_usd)}
      {spend.reserved_today_usd > 0 && (
        <span className="money-reserved tone-warn">
          {t('up_to_today', { amount: usd(spend.spent_today_usd + spend.reserved_today_usd) })}
        </span>
      )}
      {spend.cap_usd !== null && (
        <span className="small mute">{t('of_cap', { cap: usd(spend.cap_usd) })}</span>
      )}
    </span>
  )
}
