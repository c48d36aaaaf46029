import { z } from 'zod'
import { estimatePolicies } from '../../../domain/routing/estimate.ts'
import type { Estimate, Workload } from '../../../domain/routing/estimate.ts'
import type { HistoryReport } from '../../../services/usage/estimates.ts'
import { fidelity, kind, toUsd, usd } from '../fields.ts'
import { FromHistory, History, historyOfPolicy, toHistory, toPastPolicy } from './history-estimate.ts'
import { GenerateRequest } from './generate.ts'
import { exclusion } from './plan.ts'

const { model, duration, size } = GenerateRequest.shape

function isHistoryAlone({
  count,
  characters,
  ...workload
}: {
  count?: unknown
  characters: number
  model?: unknown
  duration?: unknown
  size?: unknown
}): boolean {
  return (
    [count, workload.model, workload.duration, workload.size].every((said) => said === undefined) &&
    characters === 0
  )
}

export const EstimateRequest = z
  .strictObject({
    count: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .meta({ description: 'Videos per month. Required without `from_history`.' }),
    model,
    duration,
    size,
    characters: z.int().min(0).max(100).default(0).meta({ description: 'Characters per video.' }),
    from_history: FromHistory.optional().meta({
      description: 'Estimate real work instead of a workload. Cannot be combined with the other fields.',
    }),
  })
  .refine((asked) => asked.count !== undefined || asked.from_history !== undefined, {
    path: ['count'],
    error: 'is required without from_history',
  })
  .refine((asked) => asked.from_history === undefined || isHistoryAlone(asked), {
    path: ['from_history'],
    error: 'cannot be combined with other fields',
  })
  .meta({
    id: 'EstimateRequest',
    description:
      'A workload, or the real work of a period. Omitted fields of a workload have the defaults of `POST /generate`.',
    examples: [
      { count: 500, duration: 10, size: '1280x720', characters: 1 },
      { from_history: { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' } },
    ],
  })

const policyEstimate = z
  .object({
    policy: z.enum(estimatePolicies),
    upstream: z.string().nullable().meta({
      description:
        'Null if no upstream is suitable under this policy. With `from_history` the one that takes most videos.',
    }),
    kind: kind.nullable(),
    fidelity: fidelity.nullable(),
    duration: z.number().nullable().meta({ description: 'The length that would be ordered, in seconds.' }),
    per_video_usd: usd.nullable().meta({ description: 'The mean with `from_history`.' }),
    month_usd: usd.nullable().meta({
      description: 'The cost of the workload: of a month, or of the period with `from_history`.',
    }),
    saving_usd: z.number().nullable().meta({
      description:
        'Savings compared with `official_only`, over the videos that both policies can take. Null if there are none.',
    }),
    excluded: z.array(exclusion),
    ...historyOfPolicy,
  })
  .meta({
    id: 'PolicyEstimate',
    description: 'The price of the first upstream in the route, if nothing fails.',
  })

export const EstimateDto = z
  .object({
    object: z.literal('estimate'),
    count: z.int().meta({ description: 'Videos per month, or delivered in the period with `from_history`.' }),
    model: z.string().nullable().meta({ description: 'Null with `from_history`, like the next three.' }),
    duration: z.number().nullable(),
    size: z.string().nullable(),
    characters: z.int().nullable(),
    history: History.optional().meta({ description: 'Only with `from_history`.' }),
    data: z.array(policyEstimate),
  })
  .meta({
    id: 'Estimate',
    description: 'The cost of a workload, or of past work, under each policy, at the configured prices.',
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

export function toHistoryDto(report: HistoryReport): EstimateDto {
  const { count, estimates } = report
  const workload = { model: null, duration: null, size: null, characters: null }
  const data = estimates.map((each) => toPastPolicy(each, count))
  return { object: 'estimate', count, ...workload, history: toHistory(report), data }
}
