import type { StatusMeaning } from '../../../domain/routing/answer-words.ts'
import type { JobEnd, JobReport } from '../../../domain/attempts/outcome.ts'
import type { ReceivedAnswer } from '../../dialect.ts'
import type { Refine } from './create-verdict.ts'
import { videoFailure } from './job-verdict.ts'
import { readProgress } from '../progress.ts'
import { pollAfter } from '../../transport/retry-after.ts'
import { isFields, nameOf } from '../layers.ts'
import { readErrorValue } from './vendor-error.ts'
import { normalWord } from './status-words.ts'
import { vendorChargeIn } from '../vendor-charge.ts'

export interface JobAnswer {
  answer: ReceivedAnswer
  /** Its body as JSON. */
  value: unknown
  status: string
  meaning: StatusMeaning | null
  progress: unknown
  queuePosition: number | null
  /** The field with the reason of a failure; undefined: search the whole response. */
  reason?: unknown
  refine?: Refine
}

/** The meaning of a status word for a job that is running or ended without a video. */
export function reportOf(
  job: JobAnswer & { meaning: Exclude<StatusMeaning, 'completed'> | null },
): JobReport {
  const { meaning, status } = job
  switch (meaning) {
    case 'failed':
      return failureOf(job, 'The upstream gave no reason.')
    case 'refused':
      return charged(job.value, { type: 'refused', message: failureOf(job, status).message })
    case 'cancelled':
    case 'expired':
      return explained(failureOf(job, `The upstream ended the job with status "${status}".`))
    case 'waiting':
      return running(job)
    case null:
      // `Task not found` as a status.
      return readErrorValue(status).words === 'no_such_job'
        ? { type: 'not_found', message: `The job has the status "${status}".` }
        : running(job)
  }
}

/** A finished job with its reported cost; or a refusal, if there is no video and a reason is given. */
export function completedReport(
  { value, refine }: Pick<JobAnswer, 'value' | 'refine'>,
  end: Extract<JobEnd, { type: 'completed' }>,
  hasVideo: boolean,
): JobEnd {
  if (!hasVideo) {
    const error = readErrorValue(value)
    if (error.words === 'refused' || refine?.(error) === 'refused')
      return charged(value, {
        type: 'refused',
        message: error.message === '' ? 'The upstream withheld the video.' : error.message,
      })
  }
  return charged(value, end)
}

function running(job: JobAnswer): JobReport {
  const { answer, status, queuePosition, meaning } = job
  const looksFailed = meaning === null && (hasError(job.value) || failing.test(normalWord(status)))
  const apparent = looksFailed ? failureOf(job, `The job has the status "${status}".`) : undefined
  return {
    type: 'running',
    status,
    progress: readProgress(job.progress),
    retryAfterMs: pollAfter(answer.headers, answer.receivedAt),
    ...(queuePosition !== null && { queuePosition }),
    ...(apparent !== undefined && { apparent }),
  }
}

/** The reason is in `error`, or beside the status under one of many names. All of them are read. */
function failureOf({ value, reason, refine }: JobAnswer, fallback: string) {
  const failure = videoFailure(reason ?? value, fallback, refine)
  return charged(value, failure)
}

function charged<T extends JobEnd>(value: unknown, end: T): T {
  const charge = vendorChargeIn(value)
  return charge === null ? end : { ...end, charge }
}

/** A final status word counts as an explanation. */
function explained(end: JobEnd): JobEnd {
  if (end.type !== 'failed') return end
  const { unexplained: _, ...rest } = end
  return rest
}

/** `render_error` may be final, or the name of a step that is retried. Such a job is polled again. */
const failing = /_(error|errored|failed|failure|crashed|aborted)$/

/** Whether there is an error field with a message. */
function hasError(value: unknown): boolean {
  if (!isFields(value)) return false
  return Object.entries(value).some(
    ([key, each]) =>
      /^(error|errors|failure|failreason|failurereason)$/.test(nameOf(key)) &&
      each !== null &&
      each !== '' &&
      readErrorValue({ [key]: each }).message !== '',
  )
}
