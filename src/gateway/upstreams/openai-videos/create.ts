import type { Json } from '../../domain/json.ts'
import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import type { CreateRequest } from '../../ports/upstream.ts'
import { createVerdict } from '../answers/verdicts/create-verdict.ts'
import type { VerdictRules } from '../answers/verdicts/create-verdict.ts'
import { jobFieldsOf } from '../answers/job-fields.ts'
import { parseJson } from '../answers/json-body.ts'
import { triesTold } from '../answers/several-tries.ts'
import type { ReceivedAnswer, Unsupported } from '../dialect.ts'
import { inlineFields } from './inline.ts'
import type { Traits } from './traits.ts'
import { shapeOf } from '../picture-shape.ts'
import { unsaidInput } from '../unsaid-input.ts'
import { severalWorkersHint } from './several-workers.ts'
import type { Part } from '../transport/bodies/multipart.ts'
import type { ApiCall } from '../transport/api-call.ts'

/** The inputs that this protocol supports. It has no fields for frames, references, sound, seeds or options. */
export const said: ReadonlySet<string> = new Set(['size'])

/**
 * POST /videos (docs/vendors/openai-videos.md#create-a-video). Characters are sent as `characters[][id]`, the reference
 * as a file part or a URL. `influence_strength` is not part of the official protocol, and sent only if a caller set it.
 */
export function createCall(request: CreateRequest, traits: Traits): ApiCall | Unsupported {
  const { model, prompt, durationSeconds, reference, characterHandles } = request
  if (traits.whole_seconds && !Number.isInteger(durationSeconds))
    return unsupported('The upstream supports whole seconds only.')
  const unsaid = unsaidInput(request.inputs, said)
  if (unsaid !== null) return unsupported(`The protocol does not support ${unsaid}.`)
  const isForImages = traits.reference === 'image' || traits.reference_as === 'image_url'
  if (isForImages && reference?.kind === 'video')
    return unsupported('The upstream supports an image as a reference, not a video.')
  const inline = inlineFields(request, traits)
  if (inline.type === 'unsupported') return inline

  const seconds = traits.seconds === 'text' ? String(durationSeconds) : durationSeconds
  const fields: Record<string, string | number> = {
    model,
    prompt,
    [traits.seconds_field]: seconds,
    ...sizeFields(request, traits),
    ...inline.fields,
  }
  if (traits.influence && reference !== null && reference.influence !== null)
    fields['influence_strength'] = reference.influence
  const ids = traits.characters === 'videos' ? characterHandles : []
  const asFile = reference !== null && traits.reference_as === 'file'
  if (traits.encoding === 'json' && asFile)
    return unsupported(
      'The upstream accepts JSON only, so a reference cannot be sent as a file. Set the trait reference_as.',
    )
  if (traits.encoding === 'multipart' || asFile) return multipart(fields, ids, request, traits)

  const value: { [key: string]: Json } = { ...fields }
  if (ids.length > 0) value['characters'] = ids.map((id) => ({ id }))
  if (reference !== null) {
    const { url } = reference.media
    value[traits.reference] = traits.reference_as === 'url' ? url : { image_url: url }
  }
  return { method: 'POST', path: '/videos', body: { type: 'json', value } }
}

/** Nested values in brackets, as the SDKs encode them (docs/vendors/openai-videos.md#request-encodings). */
function multipart(
  fields: Record<string, string | number>,
  ids: readonly string[],
  { reference }: CreateRequest,
  traits: Traits,
): ApiCall {
  const { influence_strength: influence, ...rest } = fields
  const parts: Part[] = Object.entries(rest).map(([name, value]) => ({ name, value: String(value) }))
  for (const id of ids) parts.push({ name: 'characters[][id]', value: id })
  if (influence !== undefined) parts.push({ name: 'influence_strength', value: String(influence) })
  if (reference !== null) {
    const { media } = reference
    const name = traits.reference_as === 'image_url' ? `${traits.reference}[image_url]` : traits.reference
    parts.push(traits.reference_as === 'file' ? { name, file: media } : { name, value: media.url })
  }
  return { method: 'POST', path: '/videos', body: { type: 'multipart', parts } }
}

function sizeFields({ size }: CreateRequest, traits: Traits): Record<string, string> {
  if (traits.size === 'pixels') return { size }
  const { ratio, resolution } = shapeOf(size)
  return { aspect_ratio: ratio, resolution }
}

function unsupported(message: string): Unsupported {
  return { type: 'unsupported', message }
}

/**
 * A 200, or a 202 as some servers send (docs/vendors/openai-videos.md#who-speaks-it), with an id is accepted, whatever
 * else it says.
 */
export function decodeCreate(
  answer: ReceivedAnswer,
  request: CreateRequest,
  rules: Pick<VerdictRules, 'createServerError' | 'refine'>,
): CreateOutcome {
  if (answer.status >= 200 && answer.status < 300) {
    const { id, model } = jobFieldsOf(parseJson(answer.body))
    if (id !== null) {
      const repeated = triesTold(answer.headers)
      const job = { upstreamId: id, operation: { id }, model, ...(repeated > 0 && { repeated }) }
      return { type: 'accepted', job }
    }
  }
  const { receivedAt } = answer
  const message = severalWorkersHint(answer)
  if (message !== null) return { type: 'upstream_down', message, retryAfterMs: null }
  return createVerdict(answer, { ...rules, echoes: [request.prompt], receivedAt })
}
