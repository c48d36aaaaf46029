import { z } from 'zod'
import { estimatePolicies } from '../../../domain/routing/estimate.ts'
import type { Estimate, Workload } from '../../../domain/routing/estimate.ts'
import { fidelity, kind, toUsd, usd } from '../fields.ts'
import { GenerateRequest } from './generate.ts'
import { exclusion } from './plan.ts'

const { model, duration, size } = GenerateRequest.shape

export const EstimateRequest = z
  .strictObject({
    count: z.int().min(1).max(10_000_000).meta({ description: 'Videos per month.' }),
    model,
    duration,
    size,
    characters: z.int().min(0).max(100).default(0).meta({ description: 'Characters per video.' }),
  })
  .meta({
    id: 'EstimateRequest',
    description: 'A workload. Omitted fields have the defaults of `POST /generate`.',
    examples: [{ count: 500, duration: 10, size: '1280x720', characters: 1 }],
  })

const policyEstimate = z
  .object({
    policy: z.enum(estimatePolicies),
    upstream: z
      .string()
      .nullable()
      .meta({ description: 'Null if no upstream is suitable under this policy.' }),
    kind: kind.nullable(),
    fidelity: fidelity.nullable(),
    duration: z.number().nullable().meta({ description: 'The length that would be ordered, in seconds.' }),
    per_video_usd: usd.nullable(),
    month_usd: usd.nullable(),
    saving_usd: z.number().nullable().meta({
      description:
        'Monthly savings compared with `official_only`. Null if one of the two policies has no suitable upstream.',
    }),
    excluded: z.array(exclusion),
  })
  .meta({
    id: 'PolicyEstimate',
    description: 'The price of the first upstream in the route, if nothing fails.',
  })

export const EstimateDto = z
  .object({
    object: z.literal('estimate'),
    count: z.int(),
    model: z.string(),
    duration: z.number(),
    size: z.string(),
    characters: z.int(),
    data: z.array(policyEstimate),
  })
  .meta({
    id: 'Estimate',
    description: 'The monthly cost of a workload under each policy, at the configured prices.',
    examples: [
      {
        object: 'estimate',
        count: 500,
        model: 'sora-2',
        duration: 10,
        size: '1280x720',
        characters: 1,
        data: [
          {
            policy: 'cost',
            upstream: 'reseller-a',
            kind: 'reverse',
            fidelity: 'native',
            duration: 10,
            per_video_usd: 0.12,
            month_usd: 60,
            saving_usd: 440,
            excluded: [],
          },
        ],
      },
    ],
  })

export type EstimateDto = z.output<typeof EstimateDto>

export function toEstimateDto(workload: Workload, estimates: readonly Estimate[]): EstimateDto {
  const official = estimates.find(({ policy }) => policy === 'official_only')?.totalMicros ?? null
  return {
    object: 'estimate',
    count: workload.count,
    model: workload.model,
    duration: workload.durationSeconds,
    size: workload.size,
    characters: workload.characters,
    data: estimates.map(({ policy, candidate, totalMicros, excluded }) => ({
      policy,
      upstream: candidate?.upstream ?? null,
      kind: candidate?.kind ?? null,
      fidelity: candidate?.fidelity ?? null,
      duration: candidate?.durationSeconds ?? null,
      per_video_usd: candidate && toUsd(candidate.estimatedCostMicros),
      month_usd: totalMicros === null ? null : toUsd(totalMicros),
      saving_usd: official === null || totalMicros === null ? null : toUsd(official - totalMicros),
      excluded: excluded.map(({ upstream, code, detail }) => ({ upstream, code, detail })),
    })),
  }
}
