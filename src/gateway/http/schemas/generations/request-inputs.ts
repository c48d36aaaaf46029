import { z } from 'zod'
import {
  aspectRatioPattern,
  isAspectRatio,
  isResolution,
  resolutionPattern,
} from '../../../domain/inputs/picture.ts'
import { mostReferences, referenceRoles } from '../../../domain/inputs/request-inputs.ts'
import { generationId, httpUrl, text } from '../fields.ts'

const frame = z
  .strictObject({ image_url: httpUrl })
  .meta({ id: 'Frame', description: 'A picture. It is fetched before the answer.' })

const sources = ['image_url', 'video_url', 'audio_url', 'generation_id', 'file'] as const

export const referenceInput = z
  .strictObject({
    image_url: httpUrl.optional(),
    video_url: httpUrl.optional(),
    audio_url: httpUrl.optional(),
    generation_id: generationId.optional().meta({ description: 'A finished generation; its video is used.' }),
    file: text(255, z.string().min(1))
      .optional()
      .meta({ description: 'The filename of a `files` part of the same form.' }),
    role: z.enum(referenceRoles).optional().meta({
      description: '`voice` for sound and `subject` for anything else where it is not said.',
    }),
    name: z
      .string()
      .regex(/^[\p{L}\p{N}_ .-]{1,64}$/u, 'must be 1 to 64 letters, digits, spaces, _, . or -')
      .optional()
      .meta({ description: 'What the prompt calls it, for upstreams whose references have names.' }),
  })
  .refine(
    (input) => sources.filter((source) => input[source] !== undefined).length === 1,
    `must have exactly one of ${sources.join(', ')}`,
  )
  .meta({
    id: 'TypedReference',
    description: 'A picture, a video or a sound to take something from. It is fetched before the answer.',
  })

/** Vendors take 32 bits at most. */
const mostSeed = 2 ** 32 - 1
const mostOptions = 64

const optionValue = z.union([text(2000), z.number(), z.boolean()], {
  error: 'must be text, a number, true or false',
})

/** What is alike in JSON and in forms. */
export const inputSettings = {
  references: z
    .array(referenceInput)
    .max(mostReferences)
    .optional()
    .meta({ description: 'What to take from where. Not together with `reference`.' }),
  audio: z.boolean().optional().meta({
    description: 'Whether the video is to have sound; left to the upstream when not said.',
  }),
  seed: z.int().min(0).max(mostSeed).optional().meta({
    description:
      'For a repeatable result, where the upstream takes one; else a warning says that it was dropped.',
  }),
  negative_prompt: text(8000, z.string().trim().min(1))
    .optional()
    .meta({ description: 'What is not to be seen.' }),
  resolution: z
    .string()
    .regex(resolutionPattern, 'must be lines or k, such as 720p or 4k')
    .refine(isResolution)
    .optional()
    .meta({ description: 'Lines of the shorter side, or `2k`, `4k`. Not together with `size`.' }),
  aspect_ratio: z
    .string()
    .refine((value) => value === 'auto' || isAspectRatio(value), 'must be W:H, such as 16:9, or auto')
    .optional()
    .meta({
      pattern: `^auto$|${aspectRatioPattern.source}`,
      description: 'Width to height; `auto`: that of the first frame. Not together with `size`.',
    }),
  options: z
    .record(z.string().min(1).max(64), z.record(z.string().min(1).max(64), optionValue))
    .refine(
      (options) => Object.values(options).flatMap((each) => Object.keys(each)).length <= mostOptions,
      `must have at most ${mostOptions} members`,
    )
    .optional()
    .meta({
      description:
        'Settings that only one vendor has, by the id of an upstream or the name of a dialect. What that one does not know is an error.',
    }),
}

export const frames = { first_frame: frame.optional(), last_frame: frame.optional() }

interface Asked {
  size?: unknown
  reference?: unknown
  first_frame?: unknown
  references?: unknown
  resolution?: unknown
  aspect_ratio?: unknown
}

/** What excludes what. */
export function findConflicts(asked: Asked): Array<{ path: string; message: string }> {
  const { size, reference, references, resolution, aspect_ratio: ratio, first_frame: first } = asked
  const withSize = 'cannot be combined with size; leave one of them out'
  return [
    ...(size !== undefined && resolution !== undefined ? [{ path: 'resolution', message: withSize }] : []),
    ...(size !== undefined && ratio !== undefined ? [{ path: 'aspect_ratio', message: withSize }] : []),
    ...(reference !== undefined && references !== undefined
      ? [{ path: 'references', message: 'cannot be combined with reference; leave one of them out' }]
      : []),
    ...(ratio === 'auto' && first === undefined
      ? [{ path: 'aspect_ratio', message: 'is auto, which needs a first_frame' }]
      : []),
  ]
}
