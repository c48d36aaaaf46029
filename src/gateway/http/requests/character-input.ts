import type { FastifyRequest } from 'fastify'
import type { CharacterInput } from '../../services/characters/characters.ts'
import { readForm } from '../bodies/form.ts'
import type { Form, FormPlan } from '../bodies/form.ts'
import { CharacterForm, CharacterRequest } from '../schemas/characters/character-request.ts'
import type { CharacterBody, CharacterFields } from '../schemas/characters/character-request.ts'
import { TWO_MEANINGS } from '../schemas/generations/generate.ts'
import type { Uploads } from '../bodies/uploads.ts'
import { parse, validationFailed } from './validation.ts'

const formPlan: FormPlan = {
  file: 'video',
  accept: ['video'],
  json: ['clip'],
  numbers: ['clip_start', 'clip_end'],
}

function toCharacterInput(body: CharacterBody, file: Form['file']): CharacterInput {
  return {
    name: body.name,
    description: body.description ?? '',
    source: sourceOf(body, file),
    clip: body.clip ?? null,
  }
}

function sourceOf(body: CharacterBody, file: Form['file']): CharacterInput['source'] {
  if (file !== null) return { type: 'upload', fileName: file.fileName, stored: file.stored }
  if (body.video_url !== undefined) return { type: 'url', url: body.video_url }
  if (body.generation_id !== undefined) return { type: 'generation', generationId: body.generation_id }
  throw validationFailed([{ pointer: '/video', detail: 'is required when no other source is given' }])
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
  if (!request.isMultipart()) return toCharacterInput(parse(CharacterRequest, request.body), null)
  const { fields: raw, file } = await readForm(request, formPlan, uploads)
  const fields = parse(CharacterForm, raw)
  const sources = [fields.video_url, fields.generation_id, file ?? undefined]
  if (sources.filter((source) => source !== undefined).length > 1) {
    const detail = `${TWO_MEANINGS} of the file, video_url and generation_id`
    throw validationFailed([{ pointer: '/video', detail }])
  }
  const { video: _file, clip_start: _start, clip_end: _end, clip: _clip, ...body } = fields
  const clip = spanOf(fields)
  return toCharacterInput({ ...body, ...(clip !== undefined && { clip }) }, file)
}
