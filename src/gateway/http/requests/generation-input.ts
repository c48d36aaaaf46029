import type { FrameName } from '../../domain/inputs/request-inputs.ts'
import { visualKindOf } from '../../domain/media-kind.ts'
import type { GenerationInput } from '../../services/generations/generations.ts'
import type { StoredMedia } from '../../services/media/media-intake.ts'
import type { Shape, Size } from '../../domain/routing/upstream.ts'
import { TWO_MEANINGS } from '../schemas/generations/generate.ts'
import type { GenerateBody, GenerateFields } from '../schemas/generations/generate.ts'
import { findConflicts } from '../schemas/generations/request-inputs.ts'
import { toAskedInputs } from './asked-inputs.ts'
import type { InputFiles } from './asked-inputs.ts'
import { validationFailed } from './validation.ts'

/** A file that came with the request, and how closely to follow it. */
export interface UploadedReference {
  stored: StoredMedia
  influence: number | null
}

/** A parsed size in the words of the service. */
export function toSize(asked: string): Size | Shape {
  if (asked === 'landscape' || asked === 'portrait') return asked
  const [width, height] = asked.split('x')
  return `${Number(width)}x${Number(height)}`
}

function toReference(
  asked: GenerateBody['reference'],
  upload: UploadedReference | null,
): GenerationInput['reference'] {
  if (upload !== null) {
    const { mediaId, info } = upload.stored
    const { kind, contentType } = info
    const { influence } = upload
    return { type: 'stored', kind: visualKindOf(kind), mediaId, contentType, influence }
  }
  if (asked === undefined) return null
  const influence = asked.influence ?? null
  if (asked.video_url !== undefined) return { type: 'url', kind: 'video', url: asked.video_url, influence }
  if (asked.image_url !== undefined) return { type: 'url', kind: 'image', url: asked.image_url, influence }
  return null
}

/** A parsed body in the words of the service: micro-dollars, milliseconds, null for what was not said. */
export function toGenerationInput(
  body: GenerateBody,
  upload: UploadedReference | null,
  files: InputFiles = new Map(),
): GenerationInput {
  const { routing = {} } = body
  const inputs = toAskedInputs(body, files)
  return {
    prompt: body.prompt,
    model: body.model ?? null,
    durationSeconds: body.duration ?? null,
    size: body.size === undefined ? null : toSize(body.size),
    reference: toReference(body.reference, upload),
    ...(inputs !== undefined && { inputs }),
    routing: {
      priority: routing.priority ?? null,
      upstreams: routing.upstreams ?? null,
      fallback: routing.fallback ?? null,
      characterFidelity: routing.character_fidelity ?? null,
      duration: routing.duration ?? null,
      onUnknown: routing.on_unknown ?? null,
      preferUpstreamOf: routing.prefer_upstream_of ?? null,
      maxCostMicros: routing.max_cost_usd === undefined ? null : Math.round(routing.max_cost_usd * 1e6),
      deadlineMs: routing.deadline_seconds === undefined ? null : Math.round(routing.deadline_seconds * 1000),
    },
    webhookUrl: body.webhook_url ?? null,
    webhookEvents: body.webhook_events ?? null,
    ...(body.webhook_format !== undefined && { webhookFormat: body.webhook_format }),
    metadata: body.metadata ?? {},
  }
}

/** The flat fields of a form as the body that JSON would have been. Checks what only the whole form can tell. */
export function toGenerateBody(
  fields: GenerateFields,
  stored: StoredMedia | null,
  files: InputFiles = new Map(),
): GenerateBody {
  const {
    reference: _file,
    reference_image_url: imageUrl,
    reference_video_url: videoUrl,
    reference_influence: influence,
    first_frame: _first,
    first_frame_image_url: firstUrl,
    last_frame: _last,
    last_frame_image_url: lastUrl,
    files: _files,
    ...others
  } = fields
  const body = {
    ...others,
    ...frameOf('first_frame', firstUrl, files),
    ...frameOf('last_frame', lastUrl, files),
  }
  const sources = [imageUrl, videoUrl, stored ?? undefined].filter((source) => source !== undefined)
  if (sources.length > 1) {
    const detail = `${TWO_MEANINGS} of the file, reference_image_url and reference_video_url`
    throw validationFailed([{ pointer: '/reference', detail }])
  }
  const conflicts = findConflicts({
    ...body,
    ...(sources.length > 0 && { reference: sources[0] }),
    ...(files.has('first_frame') && { first_frame: true }),
  })
  if (conflicts.length > 0)
    throw validationFailed(conflicts.map(({ path, message }) => ({ pointer: `/${path}`, detail: message })))
  if (sources.length === 0) {
    if (influence === undefined) return body
    throw validationFailed([{ pointer: '/reference_influence', detail: 'requires a reference' }])
  }
  if (stored !== null) return body
  return {
    ...body,
    reference: {
      ...(imageUrl !== undefined && { image_url: imageUrl }),
      ...(videoUrl !== undefined && { video_url: videoUrl }),
      ...(influence !== undefined && { influence }),
    },
  }
}

/** The frame of a form whose URL is a part of its own; a file is kept apart. */
function frameOf(name: FrameName, url: string | undefined, files: InputFiles): Pick<GenerateBody, FrameName> {
  if (url === undefined) return {}
  if (!files.has(name)) return { [name]: { image_url: url } }
  throw validationFailed([
    { pointer: `/${name}`, detail: `${TWO_MEANINGS} of the file and ${name}_image_url` },
  ])
}
