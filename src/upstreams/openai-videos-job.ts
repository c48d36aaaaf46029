import { z } from 'zod'
import type { Json } from '../domain/json.ts'
import type { JobReport } from '../domain/outcome.ts'
import { jobFailure, pollVerdict } from './answers/job-verdict.ts'
import { parseJson } from './answers/json-body.ts'
import { progressOf } from './answers/progress.ts'
import { pollHint } from './answers/retry-hint.ts'
import { meaningOf } from './answers/status-words.ts'
import type { ReceivedAnswer } from './dialect.ts'
import { instant, videoSchema } from './openai-videos-wire.ts'
import type { WireVideo } from './openai-videos-wire.ts'

/** What is kept of a job to ask about it again. */
export const operationSchema = z.object({ id: z.string() })
/** What is kept of a finished one: a URL that its answer named, else null for the content endpoint. */
export const resultSchema = z.object({ url: z.string().nullable(), expiresAt: z.number().nullable() })

/** GET and DELETE. Ids may hold a colon (reverse-dialects.md §1.5). */
export function videoPath(operation: Json): string {
  return `/videos/${encodeURIComponent(operationSchema.parse(operation).id)}`
}

/** GET /videos/{id} (official-api.md §2.3). */
export function decodePoll(answer: ReceivedAnswer): JobReport {
  const video = answer.status < 300 ? videoSchema.safeParse(parseJson(answer.body)) : undefined
  const status = video?.data?.status
  if (video?.data === undefined || status === undefined) return pollVerdict(answer, answer.receivedAt)
  return reportOf(video.data, status, pollHint(answer.headers, answer.receivedAt))
}

function reportOf(video: WireVideo, status: string, retryAfterMs: number | null): JobReport {
  switch (meaningOf(status)) {
    case 'completed': {
      const url = video.video_url ?? video.url ?? video.metadata?.url ?? null
      const result = { url, expiresAt: instant(video.expires_at) }
      return { type: 'completed', result, model: video.model ?? null }
    }
    case 'failed':
      return jobFailure(video.error ?? video.fail_reason, 'the upstream gives no reason')
    case 'cancelled':
    case 'expired':
      return jobFailure(
        video.error ?? video.fail_reason,
        `the job was ${status.toLowerCase()} by the upstream`,
      )
    case 'waiting':
    case null:
      return { type: 'running', status, progress: progressOf(video.progress), retryAfterMs }
  }
}
