import type { Money } from '../../domain/generation/money.ts'
import { toUsd, usd } from './fields.ts'

/** The three sums of money, side by side and never added up. */
export const moneyFields = {
  paid_usd: usd.meta({ description: 'Settled costs.' }),
  may_still_be_charged_usd: usd.meta({
    description: 'The most that upstreams may still charge for attempts without a verdict.',
  }),
  paid_without_video_usd: usd.meta({ description: 'The part of `paid_usd` that brought no video.' }),
}

export function toMoney({ paidMicros, mayStillBeChargedMicros, paidWithoutVideoMicros }: Money) {
  return {
    paid_usd: toUsd(paidMicros),
    may_still_be_charged_usd: toUsd(mayStillBeChargedMicros),
    paid_without_video_usd: toUsd(paidWithoutVideoMicros),
  }
}
