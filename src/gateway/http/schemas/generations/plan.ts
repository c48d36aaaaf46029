import { z } from 'zod'
import { exclusionCodes } from '../../../domain/generation/plan.ts'
import { droppable } from '../../../domain/inputs/input-fit.ts'
import { priorities } from '../../../domain/generation/request.ts'
import { shownWord } from '../shown-word.ts'
import type { Candidate, RoutePlan } from '../../../domain/generation/plan.ts'
import { fidelity, shownKind, toUsd, usd } from '../fields.ts'

export const candidate = z
  .object({
    upstream: z.string(),
    kind: shownKind,
    fidelity: fidelity.nullable(),
    estimated_cost_usd: usd,
    takes: z.array(z.string()).meta({
      description: 'The frames, references, settings and options of the request that it is sent.',
    }),
    drops: z.array(shownWord(droppable)).meta({ description: 'The settings that are left out.' }),
    reason: z.string().meta({ description: 'Why the upstream has this position.' }),
  })
  .meta({ id: 'Candidate', description: 'An upstream that can render the video.' })

export const exclusion = z
  .object({
    upstream: z.string(),
    code: shownWord(exclusionCodes),
    detail: z.string(),
  })
  .meta({ id: 'Exclusion', description: 'An upstream that was excluded, and why.' })

export const examplePlan = {
  priority: 'cost',
  candidates: [
    {
      upstream: 'reseller-a',
      kind: 'reverse',
      fidelity: 'native',
      estimated_cost_usd: 0.12,
      takes: [],
      drops: [],
      reason: 'knows the character; cheapest at $0.12',
    },
    {
      upstream: 'openai',
      kind: 'official',
      fidelity: 'reference',
      estimated_cost_usd: 1,
      takes: [],
      drops: [],
      reason: 'shown the character by reference; $1.00',
    },
  ],
  excluded: [
    { upstream: 'reseller-b', code: 'breaker_open', detail: 'create opened after 5 of 8 calls failed' },
  ],
  estimated_cost_usd: 0.12,
  worst_case_cost_usd: 1.12,
}

export const RoutePlanDto = z
  .object({
    priority: shownWord(priorities),
    candidates: z.array(candidate).meta({ description: 'In the order in which they are tried.' }),
    excluded: z.array(exclusion),
    estimated_cost_usd: usd.meta({ description: 'The price of the first candidate.' }),
    worst_case_cost_usd: usd.meta({ description: 'The cost if every candidate is tried and charges.' }),
  })
  .meta({
    id: 'RoutePlan',
    description: 'The upstreams that can render a request, in order, with reasons and prices.',
    examples: [examplePlan],
  })

export type RoutePlanDto = z.output<typeof RoutePlanDto>

export function toPlanDto(plan: RoutePlan): RoutePlanDto {
  return {
    priority: plan.priority,
    candidates: plan.candidates.map(toCandidateDto),
    excluded: plan.excluded.map(({ upstream, code, detail }) => ({ upstream, code, detail })),
    estimated_cost_usd: toUsd(plan.estimatedCostMicros),
    worst_case_cost_usd: toUsd(plan.worstCaseCostMicros),
  }
}

export function toCandidateDto(one: Candidate): z.output<typeof candidate> {
  return {
    upstream: one.upstream,
    kind: one.kind,
    fidelity: one.fidelity,
    estimated_cost_usd: toUsd(one.estimatedCostMicros),
    takes: one.takes ?? [],
    drops: one.drops ?? [],
    reason: one.reason,
  }
}
