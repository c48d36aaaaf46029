import type { GenerationErrorCode } from '../../../domain/generation/failure.ts'
import type { Attempt, Generation } from '../../../domain/generation/generation.ts'
import { withShownTimes } from '../../../domain/generation/shown-times.ts'
import type { Candidate } from '../../../domain/generation/plan.ts'
import { toUsd } from '../../schemas/fields.ts'
import { toTheirPrompt } from './prompt.ts'
import type { OpenaiVideo } from './schemas.ts'

/** Asking is cheap here, and a client that asks once a second sees the end at most a second late. */
export const pollAfterMs = '1000'

const statuses = {
  queued: 'queued',
  in_progress: 'in_progress',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'failed',
} as const satisfies Record<Generation['status'], OpenaiVideo['status']>

/**
 * The protocol's word for a refusal (docs/vendors/openai-videos.md#error-catalogue); the set is open, so that ours may stand
 * beside it.
 */
const errorCodes: Partial<Record<GenerationErrorCode, string>> = { content_refused: 'moderation_blocked' }

/** A generation as the Video object of docs/vendors/openai-videos.md#video-object. */
export function toOpenaiVideo(stored: Generation): OpenaiVideo {
  const generation = withShownTimes(stored)
  const { id, request, error, video, source, createdAt, completedAt } = {
    ...generation,
    ...generation.request,
  }
  const part = partOf(generation)
  return {
    id,
    object: 'video',
    model: request.model,
    status: statuses[generation.status],
    progress: Math.floor(generation.progress),
    created_at: toSeconds(createdAt),
    completed_at: completedAt === null ? null : toSeconds(completedAt),
    expires_at: video === null || video.expiredAt === null ? null : toSeconds(video.expiredAt),
    prompt: toTheirPrompt(request),
    size: part?.size ?? request.size,
    seconds: String(secondsOf(generation, part)),
    remixed_from_video_id: source?.generationId ?? null,
    error: error && { code: errorCodes[error.code] ?? error.code, message: error.message },
    understudy: {
      upstream: part?.upstream ?? null,
      cost_usd: toUsd(costOf(generation)),
      warnings: generation.warnings.map(({ detail }) => detail),
    },
  }
}

type Part = Pick<Attempt | Candidate, 'upstream' | 'size' | 'durationSeconds'>

/** What plays the part: the attempt that delivered, else the latest, else what is planned. */
function partOf({ attempts, plan }: Generation): Part | undefined {
  return (
    attempts.find(({ state }) => state === 'succeeded') ??
    attempts.at(-1) ??
    plan.candidates[0] ??
    plan.standby[0]
  )
}

/** Of the file where there is one. An extension is as long as its source and what is added. */
function secondsOf({ video, request }: Generation, part: Part | undefined): number {
  if (video !== null) return Math.max(1, Math.round(video.durationSeconds))
  const ordered = part?.durationSeconds ?? request.durationSeconds
  const { source } = request
  return Math.round(source?.kind === 'extension' ? source.durationSeconds + ordered : ordered)
}

function costOf({ attempts }: Generation): number {
  return attempts.reduce(
    (sum, { costState, costMicros }) => sum + (costState === 'settled' ? costMicros : 0),
    0,
  )
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
