import { z } from 'zod'
import { isAspectRatio } from '../../../domain/inputs/picture.ts'
import { frameNames, mostReferences, referenceRoles } from '../../../domain/inputs/request-inputs.ts'
import { mediaKinds } from '../../../domain/media-kind.ts'
import type { MediaKind } from '../../../domain/media-kind.ts'
import type { AskedInputs, AskedMedia, AskedReference } from '../../../services/generations/generations.ts'
import type { Form } from '../../bodies/form.ts'
import type { DataUrlPlan } from '../../bodies/uploads.ts'
import { httpUrl } from '../../schemas/fields.ts'
import { inputSettings } from '../../schemas/generations/request-inputs.ts'

/** docs/vendors/openai-videos.md#create-a-video: a data URL of this many characters is an image of 15 MiB. */
export const longestMediaUrl = 20_971_520

const articles = { image: 'an image', video: 'a video', audio: 'a sound' }

/** An http(s) URL, or a data URL, whose file is in the archive by the time that this is parsed. */
export function mediaUrl(kind: MediaKind) {
  const error = `must be an http(s) URL or a base64 data URL of ${articles[kind]}`
  const dataUrl = new RegExp(String.raw`^data:${kind}/[\w.+-]+(?:;[\w.+=-]+)*;base64,[A-Za-z0-9+/=]+$`)
  return z
    .string()
    .max(longestMediaUrl)
    .regex(new RegExp(String.raw`^(?:https?://|data:${kind}/)`), error)
    .refine((url) => dataUrl.test(url) || httpUrl.safeParse(url).success, error)
}

function media(kind: MediaKind) {
  const url = mediaUrl(kind)
  return z.union([z.strictObject({ url }), url], {
    error: `must be an http(s) URL or a base64 data URL of ${articles[kind]}, or an object with it as url`,
  })
}

/** The members that may be data URLs: each as text, or as an object with `url`. */
export const inputDataUrls: DataUrlPlan = new Map(
  [
    ...[0, 1].map((index) => [`/frame_images/${index}/image_url`, 'image'] as const),
    ...Array.from({ length: mostReferences }, (_each, index) =>
      mediaKinds.map((kind) => [`/input_references/${index}/${kind}_url`, kind] as const),
    ).flat(),
  ].flatMap(([pointer, kind]) => [
    [pointer, [kind]],
    [`${pointer}/url`, [kind]],
  ]),
)

const frameImage = z
  .strictObject({
    type: z.literal('image_url').optional(),
    image_url: media('image'),
    frame_type: z.enum(frameNames),
  })
  .meta({ id: 'OpenaiFrameImage', description: 'The first or the last frame, as OpenRouter names them.' })

const inputReference = z
  .strictObject({
    type: z.enum(['image_url', 'video_url', 'audio_url']).optional(),
    image_url: media('image').optional(),
    video_url: media('video').optional(),
    audio_url: media('audio').optional(),
    role: z.enum(referenceRoles).optional(),
  })
  .refine(
    (input) => mediaKinds.filter((kind) => input[`${kind}_url`] !== undefined).length === 1,
    'must have exactly one of image_url, video_url, audio_url',
  )
  .meta({ id: 'OpenaiInputReference' })

const { seed, negative_prompt: negativePrompt, resolution, aspect_ratio: aspectRatio } = inputSettings

/** Members that OpenAI does not have, by the names that OpenRouter has for them. */
export const openaiInputs = {
  frame_images: z
    .array(frameImage)
    .max(2)
    .refine(
      (frames) => new Set(frames.map(({ frame_type: type }) => type)).size === frames.length,
      'has two frames of one type',
    )
    .optional(),
  input_references: z.array(inputReference).max(mostReferences).optional(),
  generate_audio: z.boolean().optional(),
  seed,
  negative_prompt: negativePrompt,
  resolution,
  aspect_ratio: aspectRatio,
}

const schema = z.object(openaiInputs)
type Asked = z.output<typeof schema>

type Given = string | { url: string }

/** In the words of the service; undefined where there are none. `files` are those of data URLs, by pointer. */
export function toOpenaiInputs(asked: Asked, files: Form['files']): AskedInputs | undefined {
  function mediaOf(given: Given, kind: MediaKind, pointer: string): AskedMedia {
    const stored = files.get(typeof given === 'string' ? pointer : `${pointer}/url`)
    if (stored !== undefined) return { type: 'stored', stored, pointer }
    return { type: 'url', kind, url: typeof given === 'string' ? given : given.url, pointer }
  }
  const frames = (asked.frame_images ?? []).map((frame, index) => {
    const pointer = `/frame_images/${index}/image_url`
    const member = frame.frame_type === 'first_frame' ? 'firstFrame' : 'lastFrame'
    return [member, mediaOf(frame.image_url, 'image', pointer)] as const
  })
  const references = (asked.input_references ?? []).flatMap((input, index) =>
    mediaKinds.flatMap((kind): AskedReference[] => {
      const given = input[`${kind}_url`]
      const pointer = `/input_references/${index}/${kind}_url`
      return given === undefined
        ? []
        : [{ ...mediaOf(given, kind, pointer), role: input.role ?? null, name: null }]
    }),
  )
  const { generate_audio: audio, aspect_ratio: ratio } = asked
  const settings = {
    ...(audio !== undefined && { audio }),
    ...(asked.seed !== undefined && { seed: asked.seed }),
    ...(asked.negative_prompt !== undefined && { negativePrompt: asked.negative_prompt }),
    ...(asked.resolution !== undefined && { resolution: asked.resolution }),
    ...(ratio !== undefined && (ratio === 'auto' || isAspectRatio(ratio)) && { aspectRatio: ratio }),
  }
  const inputs = { ...Object.fromEntries(frames), ...(references.length > 0 && { references }) }
  if (Object.keys(inputs).length === 0 && Object.keys(settings).length === 0) return undefined
  return { ...inputs, settings }
}
