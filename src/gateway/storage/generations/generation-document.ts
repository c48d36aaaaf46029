import { z } from 'zod'
import { failureCodes, generationErrorCodes, warningCodes } from '../../domain/generation/failure.ts'
import { attemptStates, costStates, stepErrorCodes } from '../../domain/generation/generation.ts'
import { generationStatuses } from '../../domain/generation/history.ts'
import { droppable } from '../../domain/inputs/input-fit.ts'
import { exclusionCodes } from '../../domain/generation/plan.ts'
import { resolutionVerdicts } from '../../domain/attempts/resolution.ts'
import { costSources } from '../../domain/attempts/vendor-cost.ts'
import { priorities } from '../../domain/generation/request.ts'
import { chargeMoments, fidelities, upstreamKinds } from '../../domain/routing/upstream.ts'
import { storedWord } from '../stored-word.ts'
import type { Attempt, Generation } from '../../domain/generation/generation.ts'
import type { GenerationStatus } from '../../domain/generation/history.ts'
import type { Candidate, RoutePlan } from '../../domain/generation/plan.ts'
import { json, mediaId, requestDocument, size } from './request-document.ts'

/**
 * The stored form of a generation. A field added to the domain needs a `.default(…)` here, or documents of the previous
 * release no longer parse.
 */

const instant = z.number().nullable()
export const upstreamKind = storedWord(upstreamKinds)
const fidelity = storedWord(fidelities).nullable()
export const attemptId = z.templateLiteral(['att_', z.string()])
export const generationId = z.templateLiteral(['gen_', z.string()])

export const generationStatus: z.ZodType<GenerationStatus> = storedWord(generationStatuses)

export const videoDocument = z.object({
  mediaId,
  contentType: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  durationSeconds: z.number(),
  width: z.number(),
  height: z.number(),
  expiredAt: instant,
})

export const warningDocuments = z.array(z.object({ code: storedWord(warningCodes), detail: z.string() }))

const candidate: z.ZodType<Candidate> = z.object({
  upstream: z.string(),
  kind: upstreamKind,
  fidelity,
  model: z.string(),
  durationSeconds: z.number(),
  size,
  estimatedCostMicros: z.number(),
  takes: z.array(z.string()).exactOptional(),
  drops: z.array(storedWord(droppable)).exactOptional(),
  reason: z.string(),
})

const plan: z.ZodType<RoutePlan> = z.object({
  priority: storedWord(priorities),
  candidates: z.array(candidate),
  standby: z.array(candidate),
  excluded: z.array(
    z.object({
      upstream: z.string(),
      code: storedWord(exclusionCodes),
      detail: z.string(),
    }),
  ),
  estimatedCostMicros: z.number(),
  worstCaseCostMicros: z.number(),
})

const failure = z.object({
  code: storedWord(failureCodes),
  message: z.string(),
  fallback: z.boolean(),
  retryAfterMs: z.number().nullable(),
})

const attemptDocument = z.object({
  id: attemptId,
  upstream: z.string(),
  kind: upstreamKind,
  fidelity,
  model: z.string(),
  durationSeconds: z.number(),
  size,
  state: storedWord(attemptStates),
  prompt: z.string().nullable(),
  reservedMicros: z.number(),
  costMicros: z.number(),
  costState: storedWord(costStates),
  chargedOn: storedWord(chargeMoments),
  baseline: z.object({ cheapestMicros: z.number(), officialMicros: z.number() }).nullable().default(null),
  delivered: z.boolean().default(false),
  sentTo: z
    .object({ origin: z.string(), credential: z.string().nullable(), confirmed: z.boolean() })
    .nullable()
    .default(null),
  upstreamId: z.string().nullable(),
  candidateId: z.string().nullable().optional(),
  awaitsPerson: z.boolean().optional(),
  operation: json,
  result: json,
  upstreamModel: z.string().nullable(),
  progress: z.number(),
  statusWord: z.string().nullable(),
  detail: z.string().nullable().default(null),
  vendorCostMicros: z.number().nullable().default(null),
  queuePosition: z.number().nullable().optional(),
  vendorUsage: z.object({ amount: z.number(), unit: z.string() }).nullable().optional(),
  costRules: z
    .object({
      settleBy: storedWord(costSources),
      warnDifference: z.number(),
      microsPerUnit: z.record(z.string(), z.number()),
    })
    .optional(),
  costSource: storedWord(costSources).optional(),
  listMicros: z.number().optional(),
  notFound: z.number(),
  archiveTries: z.number(),
  lastError: z
    .object({ code: storedWord(stepErrorCodes), message: z.string(), at: z.number(), tries: z.number() })
    .nullable()
    .default(null),
  askedAt: instant.default(null),
  rebound: z.boolean(),
  cancelAsked: z.boolean(),
  startedAt: z.number(),
  submittedAt: instant,
  acceptedAt: instant,
  renderedAt: instant.optional(),
  lastChangeAt: z.number(),
  stallMs: z.number(),
  deadlineAt: z.number(),
  holdUntil: instant,
  dueAt: instant,
  endedAt: instant,
  failure: failure.nullable(),
  resolution: z
    .object({
      id: z.templateLiteral(['aud_', z.string()]),
      verdict: storedWord(resolutionVerdicts),
      by: z.string(),
      at: z.number(),
      note: z.string(),
      contradiction: z
        .object({ upstreamId: z.string(), at: z.number(), wasCharged: z.boolean().optional() })
        .nullable(),
    })
    .nullable()
    .default(null),
  resubmission: z
    .object({ id: z.templateLiteral(['aud_', z.string()]), by: z.string(), at: z.number() })
    .nullable()
    .optional(),
})

const formerly = z.looseObject({ trouble: z.unknown() })

/** Older documents have this member under the name `trouble`. */
const attempt: z.ZodType<Attempt> = z.preprocess((stored) => {
  const { success, data } = formerly.safeParse(stored)
  return success && data.trouble !== undefined ? { lastError: data.trouble, ...data } : stored
}, attemptDocument)

export const generationDocument: z.ZodType<Generation> = z.object({
  id: generationId,
  tenant: z.string(),
  key: z.string(),
  keyId: z.templateLiteral(['key_', z.string()]).nullable().default(null),
  allow: z.array(upstreamKind),
  allowUpstreams: z.array(z.string()).nullable().default(null),
  allowModels: z.array(z.string()).nullable().default(null),
  status: generationStatus,
  progress: z.number(),
  request: requestDocument,
  plan,
  attempts: z.array(attempt),
  warnings: warningDocuments,
  video: videoDocument.nullable(),
  error: z
    .object({
      code: storedWord(generationErrorCodes),
      message: z.string(),
    })
    .nullable(),
  createdAt: z.number(),
  completedAt: instant,
  deadlineAt: z.number(),
  heldSince: instant.optional(),
  nextAttemptAt: instant,
  dueAt: instant,
  trace: z
    .object({ traceparent: z.string(), tracestate: z.string().nullable(), parentId: z.string().nullable() })
    .optional(),
})
