import { z } from 'zod'
import type { SeriesPlan } from '../../../services/series/series.ts'
import { toUsd, usd } from '../fields.ts'
import { RoutePlanDto, examplePlan, toPlanDto } from '../generations/plan.ts'

const scene = z
  .object({
    id: z.string(),
    number: z.int().positive(),
    route: RoutePlanDto.nullable().meta({
      description: 'Null if what is left of the budget of the key or its tenant does not pay for the scene.',
    }),
  })
  .meta({ id: 'ScenePlan' })

export const SeriesPlanDto = z
  .object({
    scenes: z.array(scene),
    estimated_cost_usd: usd.meta({ description: 'The cost if every scene succeeds on its first candidate.' }),
    worst_case_cost_usd: usd.meta({
      description: 'The cost if every candidate of every scene is tried and charged.',
    }),
    max_cost_usd: usd.nullable(),
    within_max_cost: z
      .boolean()
      .meta({ description: 'Whether the cost limit pays for the worst case of all scenes.' }),
  })
  .meta({
    id: 'SeriesPlan',
    description: 'The route plan of each scene, and what all of them may cost.',
    examples: [
      {
        scenes: [{ id: 'beach', number: 1, route: examplePlan }],
        estimated_cost_usd: 0.12,
        worst_case_cost_usd: 1.12,
        max_cost_usd: 5,
        within_max_cost: true,
      },
    ],
  })

export type SeriesPlanDto = z.output<typeof SeriesPlanDto>

export function toSeriesPlanDto(plan: SeriesPlan): SeriesPlanDto {
  return {
    scenes: plan.scenes.map((each, index) => ({
      id: each.id,
      number: index + 1,
      route: each.plan && toPlanDto(each.plan),
    })),
    estimated_cost_usd: toUsd(plan.estimatedCostMicros),
    worst_case_cost_usd: toUsd(plan.worstCaseCostMicros),
    max_cost_usd: plan.maxCostMicros === null ? null : toUsd(plan.maxCostMicros),
    within_max_cost: plan.isWithinMaxCost,
  }
}
