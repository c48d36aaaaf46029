import { z } from 'zod'
import type { Json } from '../domain/json.ts'
import type { JobReport } from '../domain/outcome.ts'
import { jobFailure, pollVerdict, withJob } from './answers/job-verdict.ts'
import { parseJson } from './answers/json-body.ts'
import { namesJob } from './answers/names-job.ts'
import { progressOf } from './answers/progress.ts'
import { pollHint } from './answers/retry-hint.ts'
import { meaningOf } from './answers/status-words.ts'
import { instantOf } from './answers/wire-fields.ts'
import type { FollowUp, ReceivedAnswer } from './dialect.ts'
import type { Traits } from './openai-videos-traits.ts'
import { contentSchema, videoSchema } from './openai-videos-wire.ts'
import type { WireVideo } from './openai-videos-wire.ts'

/** What is kept of a job to ask about it again. */
export const operationSchema = z.object({ id: z.string() })
/** What is kept of a finished one: a URL that its answer named, else null for the content endpoint. */
export const resultSchema = z.object({ url: z.string().nullable(), expiresAt: z.number().nullable() })

/** GET and DELETE. Ids may hold a colon (reverse-dialects.md §1.5). */
export function videoPath(operation: Json): string {
  return `/videos/${encodeURIComponent(operationSchema.parse(operation).id)}`
}

/** GET /videos/{id} (official-api.md §2.3). `operation`: what was asked about, for servers that name the URL elsewhere. */
export function decodePoll(
  answer: ReceivedAnswer,
  content: Traits['content'] = 'either',
  operation: Json = null,
): JobReport | FollowUp<JobReport> {
  const body = parseJson(answer.body)
  const video = videoSchema.safeParse(body).data
  const status = video?.status
  const id = operationSchema.safeParse(operation).data?.id
  const aboutJob = id !== undefined && namesJob(body, id)
  const hasEnded = !['waiting', null].includes(meaningOf(status ?? ''))
  // An end counts under any HTTP status where it is said of this job; anything else needs a success.
  const isReadable = answer.status < 300 || (aboutJob && hasEnded)
  if (video === undefined || status === undefined || !isReadable)
    return withJob(pollVerdict(answer, answer.receivedAt), aboutJob)
  if (meaningOf(status) !== 'completed')
    return reportOf(video, status, pollHint(answer.headers, answer.receivedAt))
  if (content !== 'json') return completed(video, content)
  return {
    type: 'follow_up',
    call: { method: 'GET', path: `${videoPath(operation)}/content`, body: null },
    decode: (named) => namedAt(named, video),
  }
}

/** A finished job whose URL has not come yet is asked about again (reverse-dialects.md §4 row 8). */
function completed(video: WireVideo, content: Traits['content']): JobReport {
  const named = video.video_url ?? video.url ?? video.metadata?.url ?? null
  if (content === 'url' && named === null)
    return { type: 'unreadable', message: 'the job is completed, but its answer has no URL', aboutJob: true }
  const result = { url: content === 'endpoint' ? null : named, expiresAt: instantOf(video.expires_at) }
  return { type: 'completed', result, model: video.model ?? null }
}

/** GET /videos/{id}/content where it answers JSON with a URL instead of bytes (reverse-dialects.md §1.16). */
function namedAt(answer: ReceivedAnswer, video: WireVideo): JobReport {
  if (answer.status >= 300) {
    const verdict = pollVerdict(answer, answer.receivedAt)
    // That the content is not there yet says nothing about the job, which was just found.
    return verdict.type === 'not_found'
      ? { type: 'unreadable', message: verdict.message, aboutJob: true }
      : verdict
  }
  const named = contentSchema.safeParse(parseJson(answer.body)).data
  return completed({ ...video, video_url: named?.video_url ?? named?.url }, 'url')
}

function reportOf(video: WireVideo, status: string, retryAfterMs: number | null): JobReport {
  const reason = video.error ?? video.fail_reason
  switch (meaningOf(status)) {
    case 'failed':
      return jobFailure(reason, 'the upstream gives no reason')
    case 'cancelled':
    case 'expired':
      return jobFailure(reason, `the job was ${status.toLowerCase()} by the upstream`)
    case 'completed':
    case 'waiting':
    case null:
      return { type: 'running', status, progress: progressOf(video.progress), retryAfterMs }
  }
}
