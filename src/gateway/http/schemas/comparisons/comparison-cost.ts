import { z } from 'zod'
import type { ComparisonCost } from '../../../services/comparisons/comparisons.ts'
import { toUsd, usd } from '../fields.ts'

const costs = {
  videos: z.int(),
  worst_case_cost_usd: usd.meta({ description: 'The cost if every video is charged at its highest.' }),
}

export const ComparisonCostDto = z
  .object({ ...costs, upstreams: z.array(z.object({ upstream: z.string(), ...costs })) })
  .meta({
    id: 'ComparisonCost',
    description: 'What the videos of a comparison may cost, in all and by upstream.',
    examples: [
      {
        videos: 2,
        worst_case_cost_usd: 0.92,
        upstreams: [
          { upstream: 'reseller-a', videos: 1, worst_case_cost_usd: 0.12 },
          { upstream: 'openai', videos: 1, worst_case_cost_usd: 0.8 },
        ],
      },
    ],
  })

export type ComparisonCostDto = z.output<typeof ComparisonCostDto>

export function toComparisonCostDto({
  videos,
  worstCaseMicros,
  upstreams,
}: ComparisonCost): ComparisonCostDto {
  return {
    videos,
    worst_case_cost_usd: toUsd(worstCaseMicros),
    upstreams: upstreams.map(({ upstream, videos: own, worstCaseMicros: worst }) => ({
      upstream,
      videos: own,
      worst_case_cost_usd: toUsd(worst),
    })),
  }
}
