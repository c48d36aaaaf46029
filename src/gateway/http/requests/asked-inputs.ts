import { isAspectRatio } from '../../domain/inputs/picture.ts'
import { mostInputBytes, mostReferences } from '../../domain/inputs/request-inputs.ts'
import type { FrameName, RequestSettings } from '../../domain/inputs/request-inputs.ts'
import { mediaKinds } from '../../domain/media-kind.ts'
import type { AskedInputs, AskedMedia, AskedReference } from '../../services/generations/generations.ts'
import type { FormFile, OtherFile } from '../bodies/form.ts'
import type { GenerateBody } from '../schemas/generations/generate.ts'
import { validationFailed } from './validation.ts'

type Asked = Pick<
  GenerateBody,
  | 'first_frame'
  | 'last_frame'
  | 'references'
  | 'audio'
  | 'seed'
  | 'negative_prompt'
  | 'resolution'
  | 'aspect_ratio'
  | 'options'
>

/** The files of a form, by the name of their part. */
export type InputFiles = ReadonlyMap<string, readonly FormFile[]>

const picture: OtherFile = { accept: ['image'], mostBytes: mostInputBytes.image, count: 1 }

/** The file parts of a form that are inputs. */
export const inputParts: ReadonlyMap<string, OtherFile> = new Map([
  ['first_frame', picture],
  ['last_frame', picture],
  ['files', { accept: [...mediaKinds], mostBytes: mostInputBytes.video, count: mostReferences }],
])

/** Frames, references and settings in the words of the service; undefined where there are none. */
export function toAskedInputs(body: Asked, files: InputFiles): AskedInputs | undefined {
  const firstFrame = toFrame('first_frame', body, files)
  const lastFrame = toFrame('last_frame', body, files)
  const references = toReferences(body.references ?? [], files.get('files') ?? [])
  const settings = toSettings(body)
  const inputs = {
    ...(firstFrame !== null && { firstFrame }),
    ...(lastFrame !== null && { lastFrame }),
    ...(references.length > 0 && { references }),
  }
  if (Object.keys(inputs).length === 0 && Object.keys(settings).length === 0) return undefined
  return { ...inputs, settings }
}

function toFrame(name: FrameName, body: Asked, files: InputFiles): AskedMedia | null {
  const pointer = `/${name}`
  const [file] = files.get(name) ?? []
  const url = body[name]?.image_url
  if (file !== undefined) return { type: 'stored', stored: file.stored, pointer }
  return url === undefined ? null : { type: 'url', kind: 'image', url, pointer: `${pointer}/image_url` }
}

function toReferences(
  references: NonNullable<Asked['references']>,
  files: readonly FormFile[],
): AskedReference[] {
  const named = new Set(references.map(({ file }) => file))
  const unnamed = files.find(({ fileName }) => !named.has(fileName))
  if (unnamed !== undefined) {
    const detail = `has ${unnamed.fileName}, which no entry of references names as its file`
    throw validationFailed([{ pointer: '/files', detail }])
  }
  return references.map((reference, index) => {
    const { role = null, name = null } = reference
    return { ...toMedia(reference, `/references/${index}`, files), role, name }
  })
}

function toMedia(
  reference: NonNullable<Asked['references']>[number],
  at: string,
  files: readonly FormFile[],
): AskedMedia {
  for (const kind of mediaKinds) {
    const url = reference[`${kind}_url`]
    if (url !== undefined) return { type: 'url', kind, url, pointer: `${at}/${kind}_url` }
  }
  const { generation_id: id, file: fileName } = reference
  if (id !== undefined) return { type: 'generation', id, pointer: `${at}/generation_id` }
  const file = files.find((each) => each.fileName === fileName)
  if (file !== undefined) return { type: 'stored', stored: file.stored, pointer: `${at}/file` }
  const detail = 'is not the filename of a `files` part; send the request as a form that has it'
  throw validationFailed([{ pointer: `${at}/file`, detail }])
}

function toSettings(body: Asked): RequestSettings {
  const { audio, seed, negative_prompt: negativePrompt, resolution, aspect_ratio: ratio, options } = body
  return {
    ...(audio !== undefined && { audio }),
    ...(seed !== undefined && { seed }),
    ...(negativePrompt !== undefined && { negativePrompt }),
    ...(resolution !== undefined && { resolution }),
    ...(ratio !== undefined && (ratio === 'auto' || isAspectRatio(ratio)) && { aspectRatio: ratio }),
    ...(options !== undefined && Object.keys(options).length > 0 && { options }),
  }
}
