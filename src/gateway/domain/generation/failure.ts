/** Why one attempt did not deliver. A closed set: callers and dashboards match on it. */
export const failureCodes = [
  'never_sent',
  'overloaded',
  'upstream_down',
  'refused',
  'invalid',
  'character_invalid',
  'outcome_unknown',
  'job_failed',
  /** The job failed, and no reason that is known was given: `routing.on_unexplained` says whether another upstream is asked. */
  'unexplained',
  'lost',
  /** An operator said so. */
  'not_taken',
  'stalled',
  'deadline',
  'archive_failed',
  'cancelled',
] as const
export type FailureCode = (typeof failureCodes)[number]

/** Failures that say something about the request or the caller, nothing about how well the upstream works. */
export const neutralFailures: ReadonlySet<FailureCode> = new Set([
  'refused',
  'invalid',
  'character_invalid',
  'cancelled',
])

/**
 * `fallback` is decided where the failure is detected. True only if the upstream definitely did not accept the job, or the
 * job definitely failed, and the verdict is not a refusal. No caller derives it from text.
 */
export interface Failure {
  code: FailureCode
  message: string
  fallback: boolean
  /** The upstream's own `Retry-After`, in milliseconds from when it was said. */
  retryAfterMs: number | null
}

/** Why a generation ended without a video. */
export const generationErrorCodes = [
  'content_refused',
  'invalid_request',
  'character_unavailable',
  'no_upstream',
  'upstream_failed',
  'outcome_unknown',
  'deadline_exceeded',
  'budget_exceeded',
  'archive_failed',
  'cancelled',
  /** Its key was revoked or expired before anything was sent. */
  'key_revoked',
] as const

export type GenerationErrorCode = (typeof generationErrorCodes)[number]

export interface GenerationError {
  code: GenerationErrorCode
  message: string
}

export const warningCodes = [
  'character_reference_used',
  'character_stills_used',
  'character_clip_cut',
  'source_reference_used',
  'duration_adjusted',
  'seed_dropped',
  'negative_prompt_dropped',
  'model_substituted',
  'cost_differs',
  'two_bills_possible',
  'late_video',
  'resolution_contradicted',
  'replayed_for_retry',
  'set_aside',
  'held_after_restore',
  'upstream_paused',
  'upstream_disabled',
  'upstream_over_spend_cap',
  'character_added',
  'series_upstream_changed',
  /** Only in answers: it is not stored, since it may become untrue. */
  'start_after_deadline',
] as const

/** A difference between the request and the result, always reported to the caller. */
export interface Warning {
  code: (typeof warningCodes)[number]
  detail: string
}

/** A warning without what an upstream said, which may repeat a prompt. */
export function outlinedWarning({ code, detail }: Warning): Warning {
  return {
    code,
    detail:
      code === 'model_substituted' ? 'The upstream reports a model other than the requested one.' : detail,
  }
}
