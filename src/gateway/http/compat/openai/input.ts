import { visualKindOf, visualKinds } from '../../../domain/media-kind.ts'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Client } from '../../../domain/accounts/client.ts'
import type { CharacterService } from '../../../services/characters/characters.ts'
import type { GenerationInput, SourceInput } from '../../../services/generations/generations.ts'
import type { MediaIntake, StoredMedia } from '../../../services/media/media-intake.ts'
import { toSize } from '../../requests/generation-input.ts'
import { requestHash } from '../../bodies/request-hash.ts'
import { TWO_MEANINGS } from '../../schemas/generations/generate.ts'
import type { Uploads } from '../../bodies/uploads.ts'
import { parse, validationFailed } from '../../requests/validation.ts'
import { deploymentOf } from '../alias.ts'
import { toOpenaiInputs } from './inputs.ts'
import { readOpenaiBody } from './form.ts'
import { toOurPrompt } from './prompt.ts'
import {
  OpenaiEditRequest,
  OpenaiExtensionRequest,
  OpenaiRemixRequest,
  OpenaiVideoRequest,
} from './requests.ts'
import { readRouting } from '../routing-headers.ts'

/** What the protocol takes when it is not said (docs/vendors/openai-videos.md#create-a-video). */
const defaultSeconds = 4

export interface AskedVideo {
  input: GenerationInput
  hash: () => string
}

export interface OpenaiInputDeps {
  characters: CharacterService
  intake: MediaIntake
}

/** The body of `POST /v1/videos`. */
export async function readVideoInput(
  deps: OpenaiInputDeps,
  client: Client,
  request: FastifyRequest,
  uploads: Uploads,
): Promise<AskedVideo> {
  const file = { name: 'input_reference', accept: visualKinds }
  const body = await readOpenaiBody(request, file, uploads)
  const asked = parse(OpenaiVideoRequest, body.fields)
  const upload = body.file?.stored ?? null
  const imageUrl = asked.input_reference?.image_url
  if (upload !== null && imageUrl !== undefined) {
    const detail = `${TWO_MEANINGS} of the file and image_url`
    throw validationFailed([{ pointer: '/input_reference', detail }])
  }
  if (upload !== null && asked.input_references !== undefined) {
    const detail = 'cannot be combined with input_reference; leave one of them out'
    throw validationFailed([{ pointer: '/input_references', detail }])
  }
  const inputs = toOpenaiInputs(asked, body.files)
  const ids = asked.characters?.map(({ id }) => id) ?? []
  const prompt = await toOurPrompt(deps.characters, client, { prompt: asked.prompt, ids })
  const { routing, model } = readRouting(request.headers, asked.model ?? deploymentOf(request.originalUrl))
  return {
    input: {
      prompt,
      model,
      durationSeconds: Number(asked.seconds ?? defaultSeconds),
      size: sizeOf(asked),
      reference: referenceOf(upload ?? body.files.get('/input_reference/image_url'), imageUrl),
      ...(inputs !== undefined && { inputs }),
      routing,
      webhookUrl: null,
      webhookEvents: null,
      metadata: asked.metadata ?? {},
    },
    hash: () => requestHash({ videos: asked, routing }, upload?.info.sha256 ?? null),
  }
}

/** Portrait is the protocol's own; a resolution, a ratio or a first frame says otherwise. */
function sizeOf(asked: z.output<typeof OpenaiVideoRequest>): GenerationInput['size'] {
  if (asked.size !== undefined) return toSize(asked.size)
  const isSaid = asked.resolution !== undefined || asked.aspect_ratio !== undefined
  return isSaid || asked.frame_images?.some(({ frame_type: type }) => type === 'first_frame') === true
    ? null
    : 'portrait'
}

/** A URL is fetched when the request is accepted; what is written in the request itself is stored already. */
function referenceOf(
  stored: StoredMedia | undefined,
  imageUrl: string | undefined,
): GenerationInput['reference'] {
  if (stored === undefined) {
    return imageUrl === undefined ? null : { type: 'url', kind: 'image', url: imageUrl, influence: null }
  }
  const { mediaId, info } = stored
  const kind = visualKindOf(info.kind)
  return { type: 'stored', kind, mediaId, contentType: info.contentType, influence: null }
}

/** The body of `POST /v1/videos/{id}/remix`. */
export function readRemixInput(request: FastifyRequest, id: string, fields: unknown): AskedVideo {
  const { prompt } = parse(OpenaiRemixRequest, fields)
  return derived(request, { prompt, seconds: null, model: null }, { kind: 'remix', from: generation(id) })
}

/** The body of `POST /v1/videos/edits` and `/extensions`: `video` is one of ours, or a file. */
export async function readDerivedInput(
  kind: 'edit' | 'extension',
  request: FastifyRequest,
  uploads: Uploads,
): Promise<AskedVideo> {
  const { fields, file } = await readOpenaiBody(request, { name: 'video', accept: ['video'] }, uploads)
  const asked =
    kind === 'edit'
      ? { seconds: null, ...parse(OpenaiEditRequest.partial({ video: true }), fields) }
      : parse(OpenaiExtensionRequest.partial({ video: true }), fields)
  const { prompt, model = null, seconds, video } = asked
  const said = { prompt, model, seconds }
  if (file === null && video !== undefined)
    return derived(request, said, { kind, from: generation(video.id) })
  if (file === null) throw validationFailed([{ pointer: '/video', detail: 'is required' }])
  if (video === undefined)
    return derived(request, said, { kind, from: { type: 'upload', stored: file.stored } })
  throw validationFailed([{ pointer: '/video', detail: `${TWO_MEANINGS} of the file and the id` }])
}

function generation(id: string): SourceInput['from'] {
  // The schemas of the routes and bodies take ids of generations only.
  return { type: 'generation', id: `gen_${id.slice('gen_'.length)}` }
}

function derived(
  request: FastifyRequest,
  asked: { prompt: string; model: string | null; seconds: string | number | null },
  source: SourceInput,
): AskedVideo {
  const { routing, model } = readRouting(request.headers, asked.model ?? deploymentOf(request.originalUrl))
  const { kind, from } = source
  return {
    input: {
      prompt: asked.prompt.replaceAll('@', String.raw`\@`),
      model,
      durationSeconds: asked.seconds === null ? null : Number(asked.seconds),
      size: null,
      reference: null,
      source,
      routing,
      webhookUrl: null,
      webhookEvents: null,
      metadata: {},
    },
    hash: () => {
      const what = from.type === 'generation' ? from.id : null
      return requestHash(
        { [kind]: { ...asked, what }, routing },
        from.type === 'upload' ? from.stored.info.sha256 : null,
      )
    },
  }
}
