import type { ListedJob } from '../../ports/upstream.ts'
import { isHtml, parseJson } from '../answers/json-body.ts'
import { readVendorError } from '../answers/verdicts/vendor-error.ts'
import { instantOf } from '../answers/wire-fields.ts'
import type { ListPage, ReceivedAnswer } from '../dialect.ts'
import { listSchema, videoSchema } from './wire.ts'
import { severalWorkersHint } from './several-workers.ts'
import type { ApiCall } from '../transport/api-call.ts'

/** GET /videos?limit&order&after (docs/vendors/openai-videos.md#list-videos). */
export function listCall(after: string | null): ApiCall {
  const query = new URLSearchParams({ limit: '100', order: 'desc' })
  if (after !== null) query.set('after', after)
  return { method: 'GET', path: `/videos?${query.toString()}`, body: null }
}

/**
 * A server without the endpoint answers 404, 405, 501 or a web page. SGLang sends no paging keys and always returns its
 * whole list (docs/vendors/self-hosted-servers.md#sglang).
 */
export function decodeList(answer: ReceivedAnswer): ListPage {
  const { status, headers, body } = answer
  if ([404, 405, 501].includes(status)) return { type: 'unsupported' }
  if (status < 300 && isHtml(headers['content-type'], body)) return { type: 'unsupported' }
  const hint = severalWorkersHint(answer)
  if (hint !== null) return { type: 'unreachable', message: hint }
  const list = status < 300 ? listSchema.safeParse(parseJson(body)) : undefined
  if (list?.data === undefined) {
    const { message } = readVendorError(answer)
    return { type: 'unreachable', message: `HTTP ${status}${message === '' ? '' : `: ${message}`}` }
  }
  const { data, has_more: hasMore, last_id: lastId } = list.data
  const jobs = data.map(listedJob).filter((job) => job !== null)
  const next = hasMore === true ? (lastId ?? jobs.at(-1)?.upstreamId ?? null) : null
  return { type: 'page', jobs, skipped: data.length - jobs.length, next }
}

function listedJob(entry: unknown): ListedJob | null {
  const video = videoSchema.safeParse(entry).data
  const id = video?.id ?? video?.task_id
  if (video === undefined || id === undefined) return null
  const { model, prompt, created_at: createdAt, seconds, size } = video
  return {
    upstreamId: id,
    operation: { id },
    model: model ?? null,
    prompt: prompt ?? null,
    ...(seconds !== undefined && { seconds }),
    ...(size !== undefined && { size }),
    createdAt: instantOf(createdAt),
  }
}
