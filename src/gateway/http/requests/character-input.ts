import type { FastifyRequest } from 'fastify'
import { mostPictures } from '../../domain/characters/character.ts'
import { mostInputBytes } from '../../domain/inputs/request-inputs.ts'
import type { AskedFile, CharacterInput } from '../../services/characters/characters.ts'
import { readForm } from '../bodies/form.ts'
import type { Form, FormFile, FormPlan, OtherFile } from '../bodies/form.ts'
import {
  CharacterForm,
  CharacterRequest,
  StillsForm,
  StillsRequest,
} from '../schemas/characters/character-request.ts'
import type { CharacterBody, CharacterFields, StillsBody } from '../schemas/characters/character-request.ts'
import { TWO_MEANINGS } from '../schemas/generations/generate.ts'
import type { Uploads } from '../bodies/uploads.ts'
import { parse, validationFailed } from './validation.ts'

interface CharacterFiles extends Pick<Form, 'file'> {
  pictures: readonly FormFile[]
  voice: FormFile | null
}

const noFiles: CharacterFiles = { file: null, pictures: [], voice: null }
const voicePart: OtherFile = { accept: ['audio'], mostBytes: mostInputBytes.audio, count: 1 }

const pictureParts: ReadonlyMap<string, OtherFile> = new Map([
  ['pictures', { accept: ['image'], mostBytes: mostInputBytes.image, count: mostPictures }],
])

const formPlan: FormPlan = {
  file: 'video',
  accept: ['video'],
  json: ['clip'],
  numbers: ['clip_start', 'clip_end'],
  others: new Map([...pictureParts, ['voice', voicePart]]),
}

const stillsPlan: FormPlan = { file: '', accept: [], json: [], numbers: [], others: pictureParts }

function toCharacterInput(body: CharacterBody, files: CharacterFiles): CharacterInput {
  return {
    name: body.name,
    description: body.description ?? '',
    source: sourceOf(body, files),
    voice: voiceOf(body, files.voice),
    clip: body.clip ?? null,
  }
}

function sourceOf(body: CharacterBody, { file, pictures }: CharacterFiles): CharacterInput['source'] {
  if (pictures.length > 0) return { type: 'pictures', pictures: pictures.map(fromFile) }
  if (body.pictures !== undefined) return { type: 'pictures', pictures: body.pictures.map(fromUrl) }
  if (file !== null) return { type: 'upload', fileName: file.fileName, stored: file.stored }
  if (body.video_url !== undefined) return { type: 'url', url: body.video_url }
  if (body.generation_id !== undefined) return { type: 'generation', generationId: body.generation_id }
  throw validationFailed([{ pointer: '/video', detail: 'is required when no other source is given' }])
}

function voiceOf({ voice_url: url }: CharacterBody, file: FormFile | null): AskedFile | null {
  if (file !== null && url !== undefined)
    throw validationFailed([{ pointer: '/voice', detail: `${TWO_MEANINGS} of voice and voice_url` }])
  if (file !== null) return fromFile(file)
  return url === undefined ? null : { type: 'url', url, pointer: '/voice_url' }
}

function fromFile({ stored }: FormFile): AskedFile {
  return { type: 'stored', stored }
}

function fromUrl({ image_url: url }: StillsBody['pictures'][number], index: number): AskedFile {
  return { type: 'url', url, pointer: `/pictures/${index}/image_url` }
}

/** The body of `PUT /characters/{id}/stills`, as JSON or as a form. */
export async function readStillsInput(request: FastifyRequest, uploads: Uploads): Promise<AskedFile[]> {
  if (!request.isMultipart()) return parse(StillsRequest, request.body).pictures.map(fromUrl)
  const { fields, others } = await readForm(request, stillsPlan, uploads)
  const files = others.get('pictures') ?? []
  parse(StillsForm.omit({ pictures: true }), fields)
  if (files.length > 0) return files.map(fromFile)
  throw validationFailed([{ pointer: '/pictures', detail: 'is required: send at least one file' }])
}

/** The span that `clip_start` and `clip_end` mean: an absent start is the beginning. */
function spanOf({ clip, clip_start: start, clip_end: end }: CharacterFields): CharacterBody['clip'] {
  if (start === undefined && end === undefined) return clip
  if (clip !== undefined) {
    throw validationFailed([{ pointer: '/clip', detail: `${TWO_MEANINGS} of clip and clip_end` }])
  }
  if (end === undefined) throw validationFailed([{ pointer: '/clip_end', detail: 'is required' }])
  if (end > (start ?? 0)) return { start: start ?? 0, end }
  throw validationFailed([{ pointer: '/clip_end', detail: 'must be more than clip_start' }])
}

/** The body of `POST /characters`, as JSON or as a form. */
export async function readCharacterInput(request: FastifyRequest, uploads: Uploads): Promise<CharacterInput> {
  if (!request.isMultipart()) return toCharacterInput(parse(CharacterRequest, request.body), noFiles)
  const { fields: raw, file, others } = await readForm(request, formPlan, uploads)
  const pictures = others.get('pictures') ?? []
  const [voice = null] = others.get('voice') ?? []
  const fields = parse(CharacterForm, raw)
  const sources = [fields.video_url, fields.generation_id, file ?? undefined, pictures[0]]
  if (sources.filter((source) => source !== undefined).length > 1) {
    const detail = `${TWO_MEANINGS} of the file, video_url, generation_id and pictures`
    throw validationFailed([{ pointer: '/video', detail }])
  }
  const clip = spanOf(fields)
  if (clip !== undefined && pictures.length > 0) {
    const detail = 'is of a video; remove it, because the character is made from pictures'
    throw validationFailed([{ pointer: '/clip', detail }])
  }
  const {
    video: _file,
    pictures: _pictures,
    voice: _voice,
    clip_start: _start,
    clip_end: _end,
    clip: _clip,
    ...body
  } = fields
  return toCharacterInput({ ...body, ...(clip !== undefined && { clip }) }, { file, pictures, voice })
}
