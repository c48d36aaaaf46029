import type { Account } from '../attempts/account.ts'
import type { Failure, GenerationError, Warning } from './failure.ts'
import type { Attempt, StepErrorCode, VideoAsset } from './generation.ts'
import type { AttemptId } from '../ids.ts'
import type { CancelOutcome, CreateOutcome, Job, JobReport } from '../attempts/outcome.ts'
import type { Resolution } from '../attempts/resolution.ts'
import type { Resubmission } from '../attempts/resubmission.ts'

/** What is decided about an attempt before it starts. The rest of an `Attempt` follows from it. */
export type NewAttempt = Pick<
  Attempt,
  | 'id'
  | 'upstream'
  | 'kind'
  | 'fidelity'
  | 'model'
  | 'durationSeconds'
  | 'size'
  | 'reservedMicros'
  | 'chargedOn'
  | 'baseline'
  | 'stallMs'
  | 'costRules'
> & { attemptMs: number }

/** Everything that can happen to a generation. Instants are ms since the epoch; `at` is when it happened. */
export type GenerationEvent = { at: number } & (
  | { type: 'attempt_started'; attempt: NewAttempt; warnings: Warning[] }
  /** No candidate can start now; one may at `until`. */
  | { type: 'candidate_awaited'; until: number; warnings?: Warning[] }
  | { type: 'no_candidate'; error: GenerationError }
  /** The characters it needs are being made by someone else until then. */
  | { type: 'binding_awaited'; attemptId: AttemptId; until: number }
  | { type: 'binding_failed'; attemptId: AttemptId; failure: Failure }
  /** Everything is ready: the create may leave once this is durable. */
  | { type: 'submitting'; attemptId: AttemptId; to: Account; prompt: string; warnings: Warning[] }
  /** `nextAt`: the first poll of an accepted job, the first reconciliation of an unknown one. */
  | { type: 'create_ended'; attemptId: AttemptId; outcome: CreateOutcome; nextAt: number; holdUntil: number }
  /** The upstream's poll budget is used up until then; nothing was asked. */
  | { type: 'poll_awaited'; attemptId: AttemptId; until: number }
  /**
   * `askedAt`: when the poll left; here and below, what came in between may call for another look at once. `by`: who was
   * asked, where it is not known to be who has the job.
   */
  | {
      type: 'job_reported'
      attemptId: AttemptId
      report: JobReport
      by?: Account | undefined
      askedAt: number
      nextAt: number | null
    }
  | { type: 'job_found'; attemptId: AttemptId; job: Job; by?: Account | undefined; nextAt: number }
  /** `absent`: the upstream's complete list of recent jobs has none that could be it. */
  | {
      type: 'job_not_found_yet'
      attemptId: AttemptId
      absent: boolean
      by?: Account | undefined
      /** A job that may be the one, and of which nothing says that it is. */
      candidateId?: string | null
      askedAt: number
      nextAt: number | null
    }
  /** A person said what became of an unknown attempt: this very job, which its upstream knows. */
  | {
      type: 'resolved_taken'
      attemptId: AttemptId
      resolution: Resolution
      job: Job
      by?: Account | undefined
      nextAt: number
    }
  /** Or that the upstream did not take it. `costMicros`: what it charged all the same. `watchAt`: when to look for a contradiction. */
  | {
      type: 'resolved_not_taken'
      attemptId: AttemptId
      resolution: Resolution
      costMicros: number
      watchAt: number | null
    }
  /** A person said what the upstream's bill has of an attempt that was paid without a video. `costMicros`: null for what is settled. */
  | { type: 'charge_resolved'; attemptId: AttemptId; resolution: Resolution; costMicros: number | null }
  /** A person accepts two bills: the next candidate may be asked although the outcome of this attempt is unknown. */
  | { type: 'resubmitted'; attemptId: AttemptId; resubmission: Resubmission }
  /** Looked for the job of an attempt that was said not to have been taken; `job` where there is one after all. */
  | {
      type: 'watched'
      attemptId: AttemptId
      job: Job | null
      by?: Account | undefined
      nextAt: number | null
    }
  /** The vendor signals a change of this job. A poll learns what changed; the message itself is not trusted. */
  /** `jobId`: of a job without an owner that a webhook of the upstream has named. */
  | { type: 'poll_requested'; attemptId: AttemptId; jobId?: string }
  /**
   * A step came to nothing for a reason on our side: what it threw, or an upstream that is not configured any more. Without
   * an attempt it was the start of one. `nextAt`: null when the watch over the attempt has ended.
   */
  | {
      type: 'step_failed'
      attemptId: AttemptId | null
      code: Exclude<StepErrorCode, 'archive_delayed'>
      message: string
      nextAt: number | null
    }
  | { type: 'archived'; attemptId: AttemptId; video: VideoAsset }
  /** `gone`: the upstream says that the video is no longer there. `full`: there is no room for it here. */
  | {
      type: 'archive_delayed'
      attemptId: AttemptId
      message: string
      gone: boolean
      full: boolean
      nextAt: number
    }
  | { type: 'archive_failed'; attemptId: AttemptId; message: string }
  | { type: 'cancel_requested'; byOperator?: boolean }
  /** Its key lets nothing be sent any more. What was sent goes on. */
  | { type: 'key_revoked' }
  /** The upstream is about to be asked to cancel: from here on a job that is not found may have been finished. */
  | { type: 'cancel_asked'; attemptId: AttemptId }
  | { type: 'cancel_answered'; attemptId: AttemptId; outcome: CancelOutcome; nextAt: number }
  /** The deadline has passed, and before the verdict an upstream is asked once more. */
  | { type: 'starts_closed' }
  | { type: 'deadline_reached' }
  | { type: 'video_expired' }
  /** The client repeated its create request and received this generation. */
  | { type: 'create_repeated' }
  /** The process crashed several times while working on this. It is paused until `until`. */
  | { type: 'set_aside'; until: number }
  /** The data is a restored backup that was not released yet, so nothing may be sent. `since`: the time of the backup. */
  | { type: 'restore_held'; attemptId: AttemptId | null; since: number; until: number }
  | { type: 'restore_released' }
  /** Its upstream lists a job, made since the copy was taken, that may be of this attempt, which has not been sent from here. */
  | { type: 'restore_suspected'; attemptId: AttemptId; to: Account; prompt: string; jobId: string }
  /** The system clock was set back: waits are shortened accordingly. */
  | { type: 'clock_set_back'; byMs: number }
)

export type EventOf<Type extends GenerationEvent['type']> = Extract<GenerationEvent, { type: Type }>
