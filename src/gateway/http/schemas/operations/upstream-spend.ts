import { z } from 'zod'
import type { UpstreamSpec } from '../../../domain/routing/upstream.ts'
import { nextDayStart } from '../../../domain/steering/spend-cap.ts'
import type { DaySpend } from '../../../domain/steering/spend-cap.ts'
import { timestamp, toTimestamp, toUsd, usd } from '../fields.ts'

export const UpstreamSpendDto = z
  .object({
    spent_today_usd: usd.meta({ description: 'The settled cost of attempts that started today, UTC.' }),
    reserved_today_usd: usd.meta({
      description: 'The worst-case cost of those that are not settled. May become a part of what is spent.',
    }),
    cap_usd: usd.nullable().meta({ description: '`limits.spend_usd_per_day`. Null means no cap.' }),
    left_usd: usd.nullable().meta({ description: 'What may still start today. Null means no cap.' }),
    resets_at: timestamp.meta({
      description: 'When the day ends. Settled jobs may free a part of it earlier.',
    }),
  })
  .meta({ id: 'UpstreamSpend' })
type Spend = z.output<typeof UpstreamSpendDto>

export function toSpendDto(
  spend: DaySpend,
  { spendMicrosPerDay: cap }: Pick<UpstreamSpec, 'spendMicrosPerDay'>,
): Spend {
  const { spentMicros, reservedMicros } = spend
  return {
    spent_today_usd: toUsd(spentMicros),
    reserved_today_usd: toUsd(reservedMicros),
    cap_usd: cap === undefined ? null : toUsd(cap),
    left_usd: cap === undefined ? null : toUsd(Math.max(0, cap - spentMicros - reservedMicros)),
    resets_at: toTimestamp(nextDayStart(spend)),
  }
}
