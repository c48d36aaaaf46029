import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import type { CreateRequest, CreateSource } from '../../ports/upstream.ts'
import type { VerdictRules } from '../answers/verdicts/create-verdict.ts'
import type { ReceivedAnswer, Unsupported } from '../dialect.ts'
import { decodeCreate } from './create.ts'
import { operationSchema } from './job.ts'
import type { Traits } from './traits.ts'
import type { Part } from '../transport/bodies/multipart.ts'
import type { ApiCall } from '../transport/api-call.ts'

/**
 * POST /videos/{id}/remix, /videos/edits and /videos/extensions (docs/vendors/openai-videos.md#start-from-a-video):
 * JSON with the id of an existing video, or multipart with the file. An edit of a file must name the model, and a remix
 * of a file is an edit.
 */
export function deriveCall(
  request: CreateRequest,
  source: CreateSource,
  { sources }: Pick<Traits, 'sources'>,
): ApiCall | Unsupported {
  const { prompt } = request
  if (sources === 'none' || (sources === 'remix' && !(source.kind === 'remix' && 'held' in source)))
    return { type: 'unsupported', message: 'The upstream does not support this operation on a video.' }
  const seconds = source.kind === 'extension' ? { seconds: String(request.durationSeconds) } : {}
  if ('held' in source) {
    const { id } = operationSchema.parse(source.held)
    if (source.kind === 'remix') {
      const path = `/videos/${encodeURIComponent(id)}/remix`
      return { method: 'POST', path, body: { type: 'json', value: { prompt } } }
    }
    const value = { prompt, ...seconds, video: { id } }
    return { method: 'POST', path: paths[source.kind], body: { type: 'json', value } }
  }
  const fields = { prompt, ...seconds, ...(source.kind !== 'extension' && { model: request.model }) }
  const parts: Part[] = Object.entries(fields).map(([name, value]) => ({ name, value }))
  parts.push({ name: 'video', file: source.media })
  return { method: 'POST', path: paths[source.kind], body: { type: 'multipart', parts } }
}

const paths = { remix: '/videos/edits', edit: '/videos/edits', extension: '/videos/extensions' }

/**
 * As for a create, except that an invalid or missing source (expired at the vendor,
 * docs/vendors/openai-videos.md#expiry, or not editable) says nothing about the upstream. An upstream that receives the
 * file may still do it.
 */
export function decodeDerive(
  answer: ReceivedAnswer,
  request: CreateRequest,
  rules: Pick<VerdictRules, 'createServerError' | 'refine'>,
): CreateOutcome {
  const outcome = decodeCreate(answer, request, rules)
  const isAboutSource =
    outcome.type === 'invalid' || (outcome.type === 'upstream_down' && answer.status === 404)
  return isAboutSource ? { type: 'invalid', message: outcome.message, elsewhere: true } : outcome
}
