import { z } from 'zod'
import type { HistoryEstimate } from '../../../domain/routing/history-estimate.ts'
import type { HistoryReport } from '../../../services/usage/estimates.ts'
import { instant, kind, text, timestamp, toTimestamp, toUsd, usd } from '../fields.ts'

export const FromHistory = z
  .strictObject({
    from: instant.optional().meta({ description: 'Default: the start of the current month.' }),
    to: instant.optional(),
    tenant: text(64)
      .optional()
      .meta({ description: 'Requires the scope `admin`, `observe` or `operate`. Default: all tenants.' }),
  })
  .meta({ id: 'FromHistory', description: 'The videos delivered for generations created in this period.' })

export const History = z
  .object({
    from: timestamp,
    to: timestamp,
    tenant: z.string().nullable().meta({ description: 'Null means all tenants.' }),
    sampled: z.int().meta({
      description:
        'The number of videos that were evaluated, at most 1,000. If there are more, these are always the same ones, and all figures are scaled up.',
    }),
    cost_usd: usd.meta({ description: 'What these generations have cost, with failed attempts.' }),
    reserved_cost_usd: usd.meta({
      description: 'What attempts that are not settled may still cost. Not included in `cost_usd`.',
    }),
    unused_cost_usd: usd.meta({
      description: 'The part of `cost_usd` for attempts that delivered no video.',
    }),
  })
  .meta({ id: 'EstimateHistory', description: 'The work that was evaluated, and what it has really cost.' })

/** What an estimate of a policy has besides, with `from_history`. */
export const historyOfPolicy = {
  upstreams: z
    .array(z.object({ upstream: z.string(), kind, count: z.int(), cost_usd: usd }))
    .optional()
    .meta({ description: 'The upstreams that take the videos, most first. Only with `from_history`.' }),
  unserved: z.int().optional().meta({
    description:
      'Videos without a suitable upstream under this policy. They have no cost. Only with `from_history`.',
  }),
}

export function toHistory({ tenant, from, to, sampled, money }: HistoryReport): z.output<typeof History> {
  return {
    from: toTimestamp(from),
    to: toTimestamp(to),
    tenant,
    sampled,
    cost_usd: toUsd(money.paidMicros),
    reserved_cost_usd: toUsd(money.mayStillBeChargedMicros),
    unused_cost_usd: toUsd(money.paidWithoutVideoMicros),
  }
}

/** `count`: of all videos, those that no upstream could take included. */
export function toPastPolicy(
  { policy, unserved, totalMicros, savingMicros, upstreams }: HistoryEstimate,
  count: number,
) {
  const [first] = upstreams
  return {
    policy,
    upstream: first?.upstream ?? null,
    kind: first?.kind ?? null,
    fidelity: null,
    duration: null,
    per_video_usd:
      totalMicros === null ? null : toUsd(Math.round(totalMicros / Math.max(1, count - unserved))),
    month_usd: totalMicros === null ? null : toUsd(totalMicros),
    saving_usd: savingMicros === null ? null : toUsd(savingMicros),
    excluded: [],
    upstreams: upstreams.map((share) => ({
      upstream: share.upstream,
      kind: share.kind,
      count: share.count,
      cost_usd: toUsd(share.totalMicros),
    })),
    unserved,
  }
}
