import { z } from 'zod'
import type { Json } from '../../domain/json.ts'
import type { JobEnd, JobReport } from '../../domain/attempts/outcome.ts'
import { addressesIn, isAddress } from '../answers/addresses.ts'
import type { Refine } from '../answers/verdicts/create-verdict.ts'
import { jobFieldsOf } from '../answers/job-fields.ts'
import type { JobFields } from '../answers/job-fields.ts'
import { completedReport, reportOf } from '../answers/verdicts/job-report.ts'
import { pollVerdict, withJob } from '../answers/verdicts/job-verdict.ts'
import { parseJson } from '../answers/json-body.ts'
import { namesJob } from '../answers/names-job.ts'
import { meaningOf } from '../answers/verdicts/status-words.ts'
import type { Meanings } from '../answers/verdicts/status-words.ts'
import type { FollowUp, ReceivedAnswer } from '../dialect.ts'
import type { Traits } from './traits.ts'
import { severalWorkersHint } from './several-workers.ts'

/** Stored with a job, to poll it again. */
export const operationSchema = z.object({ id: z.string() })

/**
 * Stored with a finished job: the URL from its response, or null for the content endpoint; further URLs from it;
 * whether the response itself contained the video.
 */
export const resultSchema = z.object({
  url: z.string().nullable(),
  expiresAt: z.number().nullable(),
  others: z.array(z.string()).optional(),
  inline: z.boolean().optional(),
})

/** GET and DELETE. Ids may hold a colon (docs/vendors/resellers.md#odd-hosts). */
export function videoPath(operation: Json): string {
  return `/videos/${encodeURIComponent(operationSchema.parse(operation).id)}`
}

export interface PollReading {
  content?: Traits['content']
  refine?: Refine
  meanings?: Meanings
}

/**
 * GET /videos/{id} (docs/vendors/openai-videos.md#video-object). `operation`: the polled job, for servers that return
 * the URL elsewhere.
 */
export function decodePoll(
  answer: ReceivedAnswer,
  { content = 'either', refine, meanings = meaningOf }: PollReading = {},
  operation: Json = null,
): JobReport | FollowUp<JobReport> {
  const hint = severalWorkersHint(answer)
  if (hint !== null) return { type: 'unreachable', message: hint, retryAfterMs: null }
  const value = parseJson(answer.body)
  const fields = jobFieldsOf(value)
  const { status, progress, queuePosition } = fields
  const id = operationSchema.safeParse(operation).data?.id
  const aboutJob = id !== undefined && namesJob(value, id)
  const meaning = status === null ? null : meanings(status)
  const hasEnded = meaning !== 'waiting' && meaning !== null
  // A final status counts with any HTTP status if the response names this job; any other status needs a 2xx.
  if (status === null || (answer.status >= 300 && !(aboutJob && hasEnded)))
    return withJob(pollVerdict(answer, answer.receivedAt, refine), aboutJob)
  const reading = { value, ...(refine !== undefined && { refine }) }
  if (meaning !== 'completed') {
    const report = reportOf({ ...reading, answer, status, meaning, progress, queuePosition })
    return meaning === null && report.type === 'running' && looksFinished(report, fields, content)
      ? { ...report, apparent: finished(fields, content, reading) }
      : report
  }
  if (content !== 'json') return completed(fields, content, reading)
  return {
    type: 'follow_up',
    call: { method: 'GET', path: `${videoPath(operation)}/content`, body: null },
    decode: (named) => namedAt(named, fields, reading),
  }
}

interface Reading {
  value: unknown
  refine?: Refine
}

/** There is a URL beside an unknown status word, or the progress is 100 % and there is an endpoint for the video. */
function looksFinished(
  { progress, apparent }: Extract<JobReport, { type: 'running' }>,
  { addresses }: JobFields,
  content: Traits['content'],
): boolean {
  if (addresses.urls.length > 0) return true
  const hasEndpoint = content === 'either' || content === 'endpoint'
  return hasEndpoint && progress === 100 && apparent === undefined
}

/** A finished job without a URL yet is polled again (docs/vendors/failure-modes.md#result-without-an-address). */
function completed(fields: JobFields, content: Traits['content'], reading: Reading): JobReport {
  const end = finished(fields, content, reading)
  const { urls, inline } = fields.addresses
  if (content === 'url' && urls.length === 0 && !inline && end.type === 'completed')
    return {
      type: 'unreadable',
      message: 'The job is completed, but the response has no video URL.',
      aboutJob: true,
    }
  return end
}

function finished(fields: JobFields, content: Traits['content'], reading: Reading): JobEnd {
  const { urls, inline } = fields.addresses
  const [url = null, ...others] = content === 'endpoint' ? [null, ...urls] : urls
  const kept = others.filter((each) => each !== null)
  const result = {
    url,
    expiresAt: fields.expiresAt,
    ...(kept.length > 0 && { others: kept }),
    ...(inline && { inline }),
  }
  return completedReport(
    reading,
    { type: 'completed', result, model: fields.model },
    urls.length > 0 || inline,
  )
}

/** GET /videos/{id}/content where it returns JSON with a URL instead of bytes (docs/vendors/resellers.md#odd-hosts). */
function namedAt(answer: ReceivedAnswer, fields: JobFields, reading: Reading): JobReport {
  if (answer.status >= 300) {
    const verdict = pollVerdict(answer, answer.receivedAt, reading.refine)
    // The content is not ready yet. The job itself was just found.
    return verdict.type === 'not_found'
      ? { type: 'unreadable', message: verdict.message, aboutJob: true }
      : verdict
  }
  const value = parseJson(answer.body)
  const named = addressesIn(value)
  const urls = typeof value === 'string' && isAddress(value) ? [value] : named.urls
  return completed({ ...fields, addresses: { urls, inline: false } }, 'url', reading)
}
