import { z } from 'zod'
import { failureCodes } from '../../../domain/generation/failure.ts'
import { attemptStates, costStates } from '../../../domain/generation/generation.ts'
import { costSources } from '../../../domain/attempts/vendor-cost.ts'
import { resolutionVerdicts } from '../../../domain/attempts/resolution.ts'
import type { Resolution } from '../../../domain/attempts/resolution.ts'
import { shownWord } from '../shown-word.ts'
import { stepErrorCodes } from '../../../domain/generation/generation.ts'
import type { View } from '../../../domain/accounts/view.ts'
import type { Attempt } from '../../../domain/generation/generation.ts'
import {
  fidelity,
  shownKind,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
  toUsd,
  usd,
  withheld,
} from '../fields.ts'

const failure = z
  .object({
    code: shownWord(failureCodes),
    message: z.string().nullable().meta({ description: withheld }),
    fallback: z.boolean().meta({ description: 'Whether another upstream may be tried after this failure.' }),
  })
  .meta({ id: 'AttemptFailure', description: 'Why an attempt delivered no video.' })

const stepError = z
  .object({
    code: shownWord(stepErrorCodes),
    message: z.string().nullable().meta({ description: withheld }),
    at: timestamp,
    tries: z.int().meta({ description: 'The number of consecutive steps that failed this way.' }),
  })
  .meta({
    id: 'AttemptLastError',
    description: 'The problem that currently delays the attempt. The step is retried; null once it succeeds.',
  })

const resolution = z
  .object({
    verdict: shownWord(resolutionVerdicts),
    by: z.string().meta({ description: 'The name of the key that resolved the attempt.' }),
    at: timestamp,
    note: z.string(),
    contradicted_by: z
      .object({ upstream_id: z.string(), at: timestamp })
      .nullable()
      .meta({ description: 'A job that turned up although the attempt was resolved as not taken.' }),
  })
  .meta({
    id: 'AttemptResolution',
    description: 'How an operator resolved an attempt that was unknown, or paid without a video.',
  })

const resubmission = z
  .object({
    by: z.string().meta({ description: 'The name of the key that accepted two bills.' }),
    at: timestamp,
  })
  .meta({
    id: 'AttemptResubmission',
    description: 'Another upstream was asked although this attempt may still be charged.',
  })

export const exampleAttempt = {
  id: 'att_01kasp3v62m1y5r8k3w0t9b4zq',
  upstream: 'reseller-a',
  kind: 'reverse',
  state: 'failed',
  upstream_id: null,
  candidate_upstream_id: null,
  fidelity: 'native',
  prompt: '@cafe.girl7 walks on the beach at sunset',
  started_at: '2026-11-22T15:04:05.120Z',
  ended_at: '2026-11-22T15:04:05.480Z',
  failure: { code: 'overloaded', message: 'HTTP 429: Too many requests', fallback: true },
  last_error: null,
  resolution: null,
  resubmission: null,
  detail: null,
  queue_position: null,
  vendor_cost_usd: null,
  vendor_usage: null,
  expected_cost_usd: 0,
  cost_usd: 0,
  cost_source: 'price_list',
  cost_state: 'settled',
  delivered: false,
}

export const AttemptDto = z
  .object({
    id: z.string().meta({ examples: [exampleAttempt.id] }),
    upstream: z.string(),
    kind: shownKind,
    state: shownWord(attemptStates),
    upstream_id: z.string().nullable().meta({ description: 'The ID of the job at the upstream.' }),
    candidate_upstream_id: z.string().nullable().meta({
      description: 'For an `unknown` attempt: a job at the upstream that may belong to it, without proof.',
    }),
    fidelity: fidelity.nullable(),
    prompt: z.string().nullable().meta({ description: 'The prompt as sent to this upstream.' }),
    started_at: timestamp,
    ended_at: timestamp.nullable(),
    failure: failure.nullable(),
    last_error: stepError.nullable(),
    resolution: resolution.nullable(),
    resubmission: resubmission.nullable(),
    detail: z.string().nullable().meta({
      description:
        'Further information about the current state, such as the position in a queue or why the video is not available yet.',
    }),
    queue_position: z
      .int()
      .nullable()
      .meta({ description: 'The position in the queue of the upstream, while it reports one.' }),
    vendor_cost_usd: usd.nullable().meta({ description: 'The cost reported by the upstream.' }),
    vendor_usage: z
      .object({ amount: z.number(), unit: z.string() })
      .nullable()
      .meta({ description: 'The usage reported by the upstream in its own unit, such as `tokens`.' }),
    expected_cost_usd: usd.meta({ description: 'The cost according to the configured prices.' }),
    cost_usd: usd.meta({ description: 'The cost; while `reserved`, the highest possible cost.' }),
    cost_source: shownWord(costSources).meta({
      description:
        'Whether `cost_usd` is what the upstream reported or billed, or follows the configured prices.',
    }),
    cost_state: shownWord(costStates),
    delivered: z.boolean().meta({ description: 'Whether the generation has the video of this attempt.' }),
  })
  .meta({ id: 'Attempt', description: 'One submission of a generation to one upstream.' })

export type AttemptDto = z.output<typeof AttemptDto>

export function toAttemptDto(attempt: Attempt, view: View = 'whole'): AttemptDto {
  const isWhole = view === 'whole'
  const shown = (text: string | null): string | null => (isWhole ? text : null)
  const { failure: failed, lastError, costState, resubmission: again = null } = attempt
  return {
    id: attempt.id,
    upstream: attempt.upstream,
    kind: attempt.kind,
    state: attempt.state,
    upstream_id: attempt.upstreamId,
    candidate_upstream_id: attempt.candidateId ?? null,
    fidelity: attempt.fidelity,
    prompt: shown(attempt.prompt),
    started_at: toTimestamp(attempt.startedAt),
    ended_at: toTimestampOrNull(attempt.endedAt),
    failure: failed && { code: failed.code, message: shown(failed.message), fallback: failed.fallback },
    last_error: lastError && {
      ...lastError,
      message: shown(lastError.message),
      at: toTimestamp(lastError.at),
    },
    resolution: attempt.resolution && toResolutionDto(attempt.resolution),
    resubmission: again && { by: again.by, at: toTimestamp(again.at) },
    detail: shown(attempt.detail),
    queue_position: attempt.queuePosition ?? null,
    vendor_cost_usd: attempt.vendorCostMicros === null ? null : toUsd(attempt.vendorCostMicros),
    vendor_usage: attempt.vendorUsage ?? null,
    expected_cost_usd: toUsd(attempt.listMicros ?? costMicrosOf(attempt)),
    cost_usd: toUsd(costMicrosOf(attempt)),
    cost_source: attempt.costSource ?? 'price_list',
    cost_state: costState,
    delivered: attempt.delivered,
  }
}

function costMicrosOf({ costState, costMicros, reservedMicros }: Attempt): number {
  return costState === 'settled' ? costMicros : reservedMicros
}

function toResolutionDto({ verdict, by, at, note, contradiction }: Resolution): z.output<typeof resolution> {
  return {
    verdict,
    by,
    at: toTimestamp(at),
    note,
    contradicted_by: contradiction && {
      upstream_id: contradiction.upstreamId,
      at: toTimestamp(contradiction.at),
    },
  }
}
