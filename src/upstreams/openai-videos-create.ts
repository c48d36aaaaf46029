import type { Json } from '../domain/json.ts'
import type { CreateOutcome } from '../domain/outcome.ts'
import type { CreateRequest } from '../ports/upstream.ts'
import { createVerdict } from './answers/create-verdict.ts'
import { parseJson } from './answers/json-body.ts'
import type { ReceivedAnswer } from './dialect.ts'
import { videoSchema } from './openai-videos-wire.ts'
import type { Part } from './transport/multipart.ts'
import type { ApiCall } from './transport/transport.ts'

export type CreateEncoding = 'multipart' | 'json_without_file'

/**
 * POST /videos (official-api.md §2.1, §8). `seconds` is text; characters go as `characters[][id]`; the reference is a
 * file part. `influence_strength` is no field of the official protocol and only sent when a caller asked for one.
 */
export function createCall(request: CreateRequest, encoding: CreateEncoding): ApiCall {
  const { model, prompt, durationSeconds, size, reference, characterHandles } = request
  const fields = { model, prompt, seconds: String(durationSeconds), size }
  if (encoding === 'json_without_file' && reference === null) {
    const value: { [key: string]: Json } = { ...fields }
    if (characterHandles.length > 0) value['characters'] = characterHandles.map((id) => ({ id }))
    return { method: 'POST', path: '/videos', body: { type: 'json', value } }
  }
  const parts: Part[] = Object.entries(fields).map(([name, value]) => ({ name, value }))
  for (const handle of characterHandles) parts.push({ name: 'characters[][id]', value: handle })
  if (reference !== null) {
    const { influence, media } = reference
    if (influence !== null) parts.push({ name: 'influence_strength', value: String(influence) })
    parts.push({ name: 'input_reference', file: media })
  }
  return { method: 'POST', path: '/videos', body: { type: 'multipart', parts } }
}

/** 200, or 202 as some servers answer (official-api.md §6.1), with an id: accepted, whatever else it says. */
export function decodeCreate(
  answer: ReceivedAnswer,
  request: CreateRequest,
  createServerError: 'unknown' | 'rejected',
): CreateOutcome {
  if (answer.status >= 200 && answer.status < 300) {
    const video = videoSchema.safeParse(parseJson(answer.body))
    const id = video.data?.id ?? video.data?.task_id
    if (id !== undefined)
      return {
        type: 'accepted',
        job: { upstreamId: id, operation: { id }, model: video.data?.model ?? null },
      }
  }
  const { receivedAt } = answer
  return createVerdict(answer, { createServerError, echoes: [request.prompt], receivedAt })
}
