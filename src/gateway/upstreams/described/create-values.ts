import { noCreateInputs } from '../../ports/upstream.ts'
import { z } from 'zod'
import type { Json } from '../../domain/json.ts'
import type { MediaKind } from '../../domain/media-kind.ts'
import type { UpstreamSpec } from '../../domain/routing/upstream.ts'
import type {
  CreateCharacterRequest,
  CreateInputs,
  CreateRequest,
  MediaSource,
} from '../../ports/upstream.ts'
import type { PreparedValues } from '../dialect.ts'
import { timestampsOf } from '../clip-span.ts'
import { nearestRatio, offeredWord, proportionOf, usualRatios } from '../../domain/inputs/picture.ts'
import { shapeOf } from '../picture-shape.ts'
import type { PictureShape } from '../picture-shape.ts'
import type { Description } from './description/description-parts.ts'
import { evaluate } from './expressions/expression.ts'
import type { Values } from './expressions/expression.ts'
import { seedOf, uuidOf } from './expressions/generated.ts'
import { jobIdOf } from './operation.ts'
import { asText } from './expressions/template.ts'

/** Values from the uploads of a create, by the URL of the file. */
export type Uploads = Readonly<Record<string, Record<string, Json>>>

/** The values of a create's placeholders, before the description's own `values`. */
export function requestValues(request: CreateRequest, spec: UpstreamSpec, uploads: Uploads = {}): Values {
  const { model, prompt, durationSeconds: seconds, size, reference } = request
  const { inputs = noCreateInputs } = request
  const fileOf = ({ url, contentType }: MediaSource) => {
    const uploaded = uploads[url]
    return { url, content_type: contentType, ...(uploaded !== undefined && { uploaded }) }
  }
  const filesOf = (kind: MediaKind) => {
    const shown = reference?.kind === kind ? [{ name: null, role: null, media: reference.media }] : []
    const all = [...shown, ...inputs.references.filter((each) => each.kind === kind)]
    return all.map(({ name, role, media }, index) => ({
      ...fileOf(media),
      name,
      role,
      position: index + 1,
    }))
  }
  const urlsOf = (kind: MediaKind) => filesOf(kind).map(({ url }) => url)
  const shape = shapeOf(size)
  return {
    model,
    prompt,
    seconds,
    size,
    ...shape,
    ratio: ratioOf(inputs, shape),
    resolution: resolutionOf(inputs, shape, spec),
    aspect_ratio: inputs.aspectRatio,
    reference:
      reference === null
        ? null
        : { kind: reference.kind, url: reference.media.url, influence: reference.influence },
    first_frame: inputs.firstFrame && fileOf(inputs.firstFrame),
    last_frame: inputs.lastFrame && fileOf(inputs.lastFrame),
    references: inputs.references.map(({ kind, role, name, media }) => ({
      kind,
      role,
      name,
      ...fileOf(media),
    })),
    images: urlsOf('image'),
    videos: urlsOf('video'),
    audios: urlsOf('audio'),
    image_files: filesOf('image'),
    video_files: filesOf('video'),
    audio_files: filesOf('audio'),
    audio: inputs.audio,
    negative_prompt: inputs.negativePrompt,
    options: { ...inputs.options },
    characters: charactersOf(request),
    uuid: uuidOf(request.idempotencyKey),
    seed: inputs.seed ?? seedOf(request.idempotencyKey),
    asked_seed: inputs.seed,
    // For vendors that expect a model or a size only if there is a choice.
    several_models: Object.keys(spec.models).length > 1,
    several_sizes: spec.sizes === null || spec.sizes.length > 1,
  }
}

/** In the upstream's own word: a size of 2160 lines is `4k` where it offers that. */
function resolutionOf(inputs: CreateInputs, shape: PictureShape, { capabilities }: UpstreamSpec): string {
  const { resolution } = shape
  return inputs.resolution ?? offeredWord(resolution, capabilities?.resolutions ?? []) ?? resolution
}

/** Dimensions are rounded to even pixels: 854x480 and 1366x768 are 16:9. */
const rounding = 0.01

/** The common ratio nearest to these pixels, because the pixels of a resolution are rounded. */
function ratioOf({ aspectRatio, resolution }: CreateInputs, { width, height, ratio }: PictureShape): string {
  if (aspectRatio !== null && aspectRatio !== 'auto') return aspectRatio
  const usual = nearestRatio(width / height, usualRatios)
  if (usual === null) return ratio
  const isMeant = Math.abs(Math.log(width / height / proportionOf(usual))) < rounding
  return resolution !== null || aspectRatio !== null || isMeant ? usual : ratio
}

function charactersOf({ characterHandles, inlineCharacters }: CreateRequest): Json[] {
  return [
    ...characterHandles.map((handle, index) => ({ handle, position: index + 1 })),
    ...inlineCharacters.map(({ name, clip, span, fromJob }, index) => ({
      name,
      position: index + 1,
      url: clip.url,
      start: span.start,
      end: span.end,
      timestamps: timestampsOf(span),
      job: jobIdOf(fromJob),
    })),
  ]
}

/** The key for values from uploads. No placeholder can have this name. */
export const uploadsKey = '$uploads'

const uploadsSchema = z.record(z.string(), z.record(z.string(), z.json())).catch({})

/** All values of a create's placeholders; a message if the description has no value for one of them. */
export function createValues(
  { values }: Description,
  request: CreateRequest,
  spec: UpstreamSpec,
  prepared: PreparedValues,
): Values | string {
  const { [uploadsKey]: uploads = {}, ...kept } = prepared
  const mapped = mappedValues(values, requestValues(request, spec, uploadsSchema.parse(uploads)))
  return typeof mapped === 'string' ? mapped : { ...mapped, ...kept }
}

/**
 * The description's own values, from a map or an expression; a message if one is missing, or not in its map and there
 * is no `otherwise`.
 */
function mappedValues(values: Description['values'], request: Values): Values | string {
  const mapped: Record<string, Json> = { ...request }
  for (const [name, { from, map, otherwise }] of Object.entries(values)) {
    const given = evaluate(from, request)
    const key = asText(given)
    const found = map === undefined ? (given ?? undefined) : Object.hasOwn(map, key) ? map[key] : undefined
    const value = found === undefined ? otherwise : found
    if (value === undefined) return `The dialect has no ${name} for ${key === '' ? 'an empty value' : key}.`
    mapped[name] = value
  }
  return mapped
}

/** The values of the placeholders of calls that create a character. */
export function characterValues(request: CreateCharacterRequest): Values {
  const { name, description, clip, span, pictures = [] } = request
  return {
    name,
    description,
    clip: clip && shownFile(clip),
    pictures: pictures.map(shownFile),
    start: span && span.start,
    end: span && span.end,
    timestamps: span && timestampsOf(span),
  }
}

function shownFile({ url, contentType, bytes }: MediaSource): Json {
  return { url, content_type: contentType, bytes }
}
