import { z } from 'zod'
import { characterId, generationId, text } from '../../schemas/fields.ts'
import { findConflicts } from '../../schemas/generations/request-inputs.ts'
import { mediaUrl, openaiInputs } from './inputs.ts'
import { metadata, model, prompt, size } from '../../schemas/generations/generate.ts'

export const OpenaiSeconds = z
  .union([z.string().regex(/^(?:[1-9]\d?|[1-5]\d\d|600)$/), z.int().min(1).max(600)], {
    error: 'must be whole seconds as text, such as "8"',
  })
  .meta({
    id: 'OpenaiSeconds',
    description: 'Whole seconds as a string; a number is accepted too. Default for a new video: 4.',
    examples: ['8'],
  })

/** `file_id` is read so that it can be refused by name: this gateway has no files endpoint. */
const imageReference = z
  .strictObject({
    image_url: mediaUrl('image').optional(),
    file_id: z.string().optional(),
  })
  .refine(
    ({ file_id: fileId }) => fileId === undefined,
    'file_id is not supported; send the file or image_url',
  )
  .refine(
    ({ image_url: url, file_id: fileId }) => url !== undefined || fileId !== undefined,
    'needs image_url',
  )
  .meta({ id: 'OpenaiImageReference' })

const characterUse = z.strictObject({ id: characterId }).meta({ id: 'OpenaiCharacterUse' })

const common = {
  prompt: prompt.meta({ description: 'Must mention each character by its exact name.' }),
  model: model.optional().meta({
    description: 'Append `:cost` or `:stability` to set the routing priority of this request.',
    examples: ['sora-2', 'sora-2:stability'],
  }),
  seconds: OpenaiSeconds.optional(),
  size: size.optional().meta({ description: 'Default: portrait.' }),
  metadata: metadata.optional(),
  user: z
    .string()
    .max(512)
    .optional()
    .meta({ description: 'Accepted for compatibility with SDKs; ignored.' }),
}

/** The body of `POST /v1/videos` (docs/vendors/openai-videos.md#create-a-video), as JSON or unflattened from a form. */
export const OpenaiVideoRequest = z
  .strictObject({
    ...common,
    input_reference: imageReference.optional(),
    ...openaiInputs,
    characters: z.array(characterUse).max(16).optional(),
  })
  .superRefine((body, context) => {
    const frame = body.frame_images?.some(({ frame_type: type }) => type === 'first_frame')
    for (const { path, message } of findConflicts({
      size: body.size,
      resolution: body.resolution,
      aspect_ratio: body.aspect_ratio,
      first_frame: frame === true ? frame : undefined,
    }))
      context.addIssue({ code: 'custom', path: [path], message })
    if (body.input_reference !== undefined && body.input_references !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['input_references'],
        message: 'cannot be combined with input_reference; leave one of them out',
      })
  })
  .meta({
    id: 'OpenaiVideoRequest',
    examples: [{ model: 'sora-2', prompt: 'paper boat in rain', seconds: '8', size: '1280x720' }],
  })

/** For the document: what the form adds is the file. Its text parts are those of the JSON, with brackets for what is nested. */
export const OpenaiVideoForm = z
  .strictObject({
    ...common,
    ...openaiInputs,
    input_reference: z
      .file()
      .optional()
      .meta({ description: 'An image or a video file. The part must have a filename.' }),
  })
  .meta({
    id: 'OpenaiVideoForm',
    description:
      'Nested values are flattened the way the SDKs do: `input_reference[image_url]` and `characters[][id]`, which may repeat. `frame_images` and `input_references` are JSON text of at most 256 KiB each.',
  })

export const OpenaiRemixRequest = z
  .strictObject({ prompt })
  .meta({ id: 'OpenaiRemixRequest', examples: [{ prompt: 'at dusk' }] })

const videoUse = z.strictObject({ id: generationId }).meta({ id: 'OpenaiVideoUse' })

const exampleUse = { id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr' }

/**
 * The bodies of `POST /v1/videos/edits` and `/extensions` (docs/vendors/openai-videos.md#start-from-a-video); the video may
 * be a file in a form.
 */
export const OpenaiEditRequest = z
  .strictObject({ prompt, model: model.optional(), video: videoUse })
  .meta({ id: 'OpenaiEditRequest', examples: [{ prompt: 'make the boat red', video: exampleUse }] })

export const OpenaiExtensionRequest = z
  .strictObject({ prompt, seconds: OpenaiSeconds, model: model.optional(), video: videoUse })
  .meta({
    id: 'OpenaiExtensionRequest',
    examples: [{ prompt: 'the boat sails on', seconds: '8', video: exampleUse }],
  })

const videoFile = z.file().meta({ description: 'A video file. Alternatively, send `video[id]`.' })

export const OpenaiEditForm = z
  .strictObject({ prompt, model: model.optional(), video: videoFile })
  .meta({ id: 'OpenaiEditForm' })

export const OpenaiExtensionForm = z
  .strictObject({ prompt, seconds: OpenaiSeconds, model: model.optional(), video: videoFile })
  .meta({ id: 'OpenaiExtensionForm' })

export const OpenaiCharacterForm = z
  .strictObject({
    name: text(80, z.string().trim().min(1)).meta({ description: 'The name to use in prompts.' }),
    video: z.file().meta({ description: 'The source clip. The part must have a filename.' }),
  })
  .meta({ id: 'OpenaiCharacterForm' })
