import { z } from 'zod'
import { failureCodes } from '../../../domain/generation/failure.ts'
import { attemptStates, costStates } from '../../../domain/generation/generation.ts'
import { resolutionVerdicts } from '../../../domain/attempts/resolution.ts'
import type { Resolution } from '../../../domain/attempts/resolution.ts'
import { shownWord } from '../shown-word.ts'
import { stepErrorCodes } from '../../../domain/generation/generation.ts'
import type { Attempt } from '../../../domain/generation/generation.ts'
import { fidelity, shownKind, timestamp, toTimestamp, toTimestampOrNull, toUsd, usd } from '../fields.ts'

const failure = z
  .object({
    code: shownWord(failureCodes),
    message: z.string(),
    fallback: z.boolean().meta({ description: 'Whether another upstream may take over after this.' }),
  })
  .meta({ id: 'AttemptFailure', description: 'Why an attempt did not deliver.' })

const stepError = z
  .object({
    code: shownWord(stepErrorCodes),
    message: z.string(),
    at: timestamp,
    tries: z.int().meta({ description: 'Steps in a row that ended like this.' }),
  })
  .meta({
    id: 'AttemptLastError',
    description: 'What keeps an attempt from going on now. It is tried again; null once that worked.',
  })

const resolution = z
  .object({
    verdict: shownWord(resolutionVerdicts),
    by: z.string().meta({ description: 'The name of the key that said so.' }),
    at: timestamp,
    note: z.string(),
    contradicted_by: z
      .object({ upstream_id: z.string(), at: timestamp })
      .nullable()
      .meta({ description: 'The job that turned up although it was said not to have been taken.' }),
  })
  .meta({ id: 'AttemptResolution', description: 'What a person said became of an unknown attempt.' })

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
  failure: { code: 'overloaded', message: 'the upstream answered 429', fallback: true },
  last_error: null,
  resolution: null,
  detail: null,
  vendor_cost_usd: null,
  cost_usd: 0,
  cost_state: 'settled',
}

export const AttemptDto = z
  .object({
    id: z.string().meta({ examples: [exampleAttempt.id] }),
    upstream: z.string(),
    kind: shownKind,
    state: shownWord(attemptStates),
    upstream_id: z.string().nullable().meta({ description: "The upstream's own id of the job." }),
    candidate_upstream_id: z.string().nullable().meta({
      description:
        'Of an attempt that is `unknown`: a job there that may be the one it made, and that nothing proves to be.',
    }),
    fidelity: fidelity.nullable(),
    prompt: z.string().nullable().meta({ description: 'The prompt as this upstream got it.' }),
    started_at: timestamp,
    ended_at: timestamp.nullable(),
    failure: failure.nullable(),
    last_error: stepError.nullable(),
    resolution: resolution.nullable(),
    detail: z.string().nullable().meta({
      description: 'What else is known of it now: its place in a queue, why its video is not there yet.',
    }),
    vendor_cost_usd: usd.nullable().meta({ description: 'What the upstream itself says that it cost.' }),
    cost_usd: usd.meta({ description: 'What it cost; while `reserved`, what it may cost.' }),
    cost_state: shownWord(costStates),
  })
  .meta({ id: 'Attempt', description: 'One submission of a generation to one upstream.' })

export type AttemptDto = z.output<typeof AttemptDto>

export function toAttemptDto(attempt: Attempt): AttemptDto {
  const { failure: failed, lastError, costState } = attempt
  return {
    id: attempt.id,
    upstream: attempt.upstream,
    kind: attempt.kind,
    state: attempt.state,
    upstream_id: attempt.upstreamId,
    candidate_upstream_id: attempt.candidateId ?? null,
    fidelity: attempt.fidelity,
    prompt: attempt.prompt,
    started_at: toTimestamp(attempt.startedAt),
    ended_at: toTimestampOrNull(attempt.endedAt),
    failure: failed && { code: failed.code, message: failed.message, fallback: failed.fallback },
    last_error: lastError && { ...lastError, at: toTimestamp(lastError.at) },
    resolution: attempt.resolution && toResolutionDto(attempt.resolution),
    detail: attempt.detail,
    vendor_cost_usd: attempt.vendorCostMicros === null ? null : toUsd(attempt.vendorCostMicros),
    cost_usd: toUsd(costState === 'settled' ? attempt.costMicros : attempt.reservedMicros),
    cost_state: costState,
  }
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
