import { z } from 'zod'
import { isAspectRatio } from '../../../domain/inputs/picture.ts'
import { frameNames, mostReferences, referenceRoles } from '../../../domain/inputs/request-inputs.ts'
import { mediaKinds } from '../../../domain/media-kind.ts'
import type { AskedInputs, AskedReference } from '../../../services/generations/generations.ts'
import { httpUrl } from '../../schemas/fields.ts'
import { inputSettings } from '../../schemas/generations/request-inputs.ts'

const media = z.union([z.strictObject({ url: httpUrl }), httpUrl], {
  error: 'must be an object with an http(s) url',
})

const frameImage = z
  .strictObject({
    type: z.literal('image_url').optional(),
    image_url: media,
    frame_type: z.enum(frameNames),
  })
  .meta({ id: 'OpenaiFrameImage', description: 'The first or the last frame, as OpenRouter names them.' })

const inputReference = z
  .strictObject({
    type: z.enum(['image_url', 'video_url', 'audio_url']).optional(),
    image_url: media.optional(),
    video_url: media.optional(),
    audio_url: media.optional(),
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

function urlOf(given: z.output<typeof media>): string {
  return typeof given === 'string' ? given : given.url
}

/** In the words of the service; undefined where there are none. */
export function toOpenaiInputs(asked: Asked): AskedInputs | undefined {
  const frames = (asked.frame_images ?? []).map((frame, index) => {
    const pointer = `/frame_images/${index}/image_url`
    const member = frame.frame_type === 'first_frame' ? 'firstFrame' : 'lastFrame'
    return [member, { type: 'url', kind: 'image', url: urlOf(frame.image_url), pointer }] as const
  })
  const references = (asked.input_references ?? []).flatMap((input, index) =>
    mediaKinds.flatMap((kind): AskedReference[] => {
      const given = input[`${kind}_url`]
      const pointer = `/input_references/${index}/${kind}_url`
      return given === undefined
        ? []
        : [{ type: 'url', kind, url: urlOf(given), pointer, role: input.role ?? null, name: null }]
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
