import { z } from 'zod'
import type { Json } from '../../domain/json.ts'
import type { JobEnd, JobReport } from '../../domain/attempts/outcome.ts'
import { addressesIn } from '../answers/addresses.ts'
import { jobFieldsOf } from '../answers/job-fields.ts'
import { completedReport, reportOf } from '../answers/verdicts/job-report.ts'
import { videoFailure, pollVerdict, withJob } from '../answers/verdicts/job-verdict.ts'
import type { Refine } from '../answers/verdicts/create-verdict.ts'
import { parseJson } from '../answers/json-body.ts'
import { namesJob } from '../answers/names-job.ts'
import { readProgress } from '../answers/progress.ts'
import { pollAfter } from '../transport/retry-after.ts'
import { readVendorError } from '../answers/verdicts/vendor-error.ts'
import { instantOf, wireText, wireUrl } from '../answers/wire-fields.ts'
import type { Dialect, FollowUp, ReceivedAnswer } from '../dialect.ts'
import { askingCall } from './build-call.ts'
import { queuePositionOf, withCost } from './described-charge.ts'
import type { PollPart, ResultPart } from './description/description-calls.ts'
import type { Description } from './description/description-parts.ts'
import { firstOf, isTrue } from './expressions/expression.ts'
import type { Expression, Values } from './expressions/expression.ts'
import { keptOf, operationValues } from './operation.ts'
import type { Words } from './expressions/words.ts'

interface PollRules {
  description: Description
  words: Words
  refine: Refine
  read: (answer: ReceivedAnswer) => ReceivedAnswer
  explained: (answer: ReceivedAnswer) => ReceivedAnswer
}

/** Stored with a finished job: where its video is (null: at `content`), and until when. */
export const resultSchema = z.object({
  url: z.string().nullable().default(null),
  expiresAt: z.number().nullable().default(null),
  others: z.array(z.string()).default([]),
  inline: z.boolean().default(false),
  kept: z.record(z.string(), z.json()).default({}),
})

/** Polls a job, and reads its result if that needs a second call. */
export function describedPoll(rules: PollRules): Dialect['poll'] {
  const { description, read } = rules
  return {
    encode: (operation) => askingCall(description.poll, operationValues(operation)),
    decode: (answer, operation) => {
      const told = read(answer)
      const report = decodePoll(rules, told, operation)
      const asked = operation === undefined ? {} : operationValues(operation)
      return report.type === 'follow_up'
        ? report
        : withCost(report, description.poll.cost, parseJson(told.body), asked)
    },
  }
}

function decodePoll(
  { description, words, refine, read, explained }: PollRules,
  answer: ReceivedAnswer,
  operation: Json | undefined,
): JobReport | FollowUp<JobReport> {
  const { poll, result, content } = description
  const asked = operation === undefined ? {} : operationValues(operation)
  const value = parseJson(answer.body)
  const take = (from: readonly Expression[] | undefined) => firstOf(from ?? [], value, asked)
  if (answer.status < 500 && isTrue(take(poll.missing_when)))
    return poll.otherwise === undefined
      ? { type: 'not_found', message: sentence(answer) }
      : askOtherwise(poll.otherwise, asked, read)
  const status = statusOf(take(poll.status))
  const aboutJob = typeof asked['id'] === 'string' && namesJob(value, asked['id'])
  const hasFailed = isTrue(take(poll.failed_when))
  const hasEnded = hasFailed || !['waiting', null].includes(words.meaningOf(status ?? ''))
  const isReadable = answer.status < 300 || (aboutJob && hasEnded)
  // An error without a status is about the poll, not about the job, which may be running and paid for.
  if (status === undefined || !isReadable)
    return withJob(pollVerdict(explained(answer), answer.receivedAt, refine), aboutJob)
  if (hasFailed) return videoFailure(take(poll.failure) ?? value, noReason, refine)
  const meaning = words.meaningOf(status)
  if (meaning === 'completed') {
    if (result === undefined)
      return completed(poll, answer, { hasContent: content !== undefined, asked, refine })
    return {
      type: 'follow_up',
      call: askingCall(result, operationValues(operation)),
      decode(second) {
        const told = read(second)
        const report = decodeResult(result, told, { hasContent: content !== undefined, asked, refine })
        const paid = withCost(report, poll.cost, value, asked)
        return withCost(paid, result.cost, parseJson(told.body), asked)
      },
    }
  }
  const isWhole = readProgress(take(poll.progress)) === 100
  const named =
    meaning === null
      ? completed(poll, answer, { hasContent: isWhole && content !== undefined, asked, refine })
      : null
  const report = reportOf({
    answer,
    value,
    status,
    meaning,
    refine,
    reason: take(poll.failure) ?? undefined,
    progress: take(poll.progress),
    queuePosition: queuePositionOf(poll.queue_position, value, asked) ?? jobFieldsOf(value).queuePosition,
  })
  return report.type === 'running' && named?.type === 'completed' ? { ...report, apparent: named } : report
}

/** A job that is not finished is waiting or lost. */
function askOtherwise(
  otherwise: NonNullable<PollPart['otherwise']>,
  asked: Values,
  read: (answer: ReceivedAnswer) => ReceivedAnswer,
): FollowUp<JobReport> {
  return {
    type: 'follow_up',
    call: askingCall(otherwise, asked),
    decode(second) {
      const answer = read(second)
      const value = parseJson(answer.body)
      if (answer.status >= 300 || value === undefined) return pollVerdict(answer, answer.receivedAt)
      const status = statusOf(firstOf(otherwise.status, value, asked))
      if (status === undefined)
        return {
          type: 'not_found',
          message: 'The upstream lists the job neither as waiting nor as finished.',
        }
      const retryAfterMs = pollAfter(answer.headers, answer.receivedAt)
      const progress = readProgress(firstOf(otherwise.progress ?? [], value, asked))
      const queuePosition = queuePositionOf(otherwise.queue_position, value, asked)
      return {
        type: 'running',
        status,
        progress,
        retryAfterMs,
        ...(queuePosition !== null && { queuePosition }),
      }
    },
  }
}

/** How a response about a finished job is read. */
interface Reading {
  /** Whether the video may be at the description's content path. */
  hasContent: boolean
  asked: Values
  refine: Refine
}

type CompletedPart = Pick<PollPart, 'video' | 'expires_at' | 'expires_after_seconds'> &
  Partial<Pick<PollPart, 'keep' | 'model'>>

const noReason = 'The upstream gave no reason.'

/**
 * The response to the second call. Some vendors report a failed job there, as a complaint about the request. Any other
 * response without a result says nothing about the job, which was just reported as finished.
 */
function decodeResult(
  result: ResultPart,
  answer: ReceivedAnswer,
  { hasContent, asked, refine }: Reading,
): JobReport {
  const value = parseJson(answer.body)
  const take = (from: readonly Expression[] | undefined) => firstOf(from ?? [], value, asked)
  const isComplaint = [400, 403, 422, 451].includes(answer.status) && readVendorError(answer).shape === 'json'
  if (isComplaint || (answer.status < 300 && isTrue(take(result.failed_when))))
    return videoFailure(take(result.failure) ?? value, noReason, refine)
  if (answer.status < 300) return completed(result, answer, { hasContent, asked, refine })
  const verdict = pollVerdict(answer, answer.receivedAt, refine)
  return verdict.type === 'not_found'
    ? { type: 'unreadable', message: verdict.message, aboutJob: true }
    : verdict
}

/** A finished job without a URL yet is polled again (docs/vendors/failure-modes.md#result-without-an-address). */
function completed(
  part: CompletedPart,
  answer: ReceivedAnswer,
  { hasContent, asked, refine }: Reading,
): JobReport {
  const value = parseJson(answer.body)
  const take = (from: readonly Expression[] | undefined) => firstOf(from ?? [], value, asked)
  const { urls, inline } = addressesIn(value)
  // The URL that the description points to first, then all others in the response.
  const [url = null, ...others] = [...new Set([wireUrl.parse(take(part.video)), ...urls])].filter(
    (each) => each !== undefined,
  )
  const hasVideo = url !== null || inline
  const lasts = part.expires_after_seconds
  const expiresAt =
    instantOf(take(part.expires_at)) ?? (lasts === undefined ? null : answer.receivedAt + lasts * 1000)
  const values = keptOf(part.keep ?? {}, value, asked)
  const kept = {
    ...(others.length > 0 && { others }),
    ...(inline && { inline }),
    ...(values !== null && Object.keys(values).length > 0 && { kept: values }),
  }
  const named = wireText.parse(take(part.model)) ?? null
  const end: JobEnd = { type: 'completed', result: { url, expiresAt, ...kept }, model: named }
  const report = completedReport({ value, refine }, end, hasVideo)
  if (hasVideo || (hasContent && values !== null) || report.type !== 'completed') return report
  return {
    type: 'unreadable',
    message: 'The job is completed, but the response has no video URL.',
    aboutJob: true,
  }
}

/** A status as text; some vendors use numbers and booleans. */
export function statusOf(value: Json): string | undefined {
  return wireText.parse(typeof value === 'number' || typeof value === 'boolean' ? String(value) : value)
}

function sentence(answer: ReceivedAnswer): string {
  const { message } = readVendorError(answer)
  return message === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${message}`
}
