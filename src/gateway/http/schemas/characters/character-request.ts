import { z } from 'zod'
import { characterNameRule, isCharacterName } from '../../../domain/characters/character-name.ts'
import { generationId, httpUrl, text } from '../fields.ts'
import { TWO_MEANINGS } from '../generations/generate.ts'

const seconds = z.number().min(0).max(86_400)
const END_AFTER_START = 'must end after it starts'

const name = z
  .string()
  .normalize('NFKC')
  .refine(isCharacterName, characterNameRule)
  .meta({
    description:
      'The name to mention in prompts as `@name`. Starts with a letter; letters of any script without upper case, digits and `_`; at most 40 characters. Normalized to NFKC and unique per tenant.',
    examples: ['coffee_girl', '咖啡女孩'],
  })

const description = text(2000).meta({
  description: 'Added to the prompt on upstreams that do not know the character natively.',
})

const clip = z
  .strictObject({ start: seconds, end: seconds })
  .refine(({ start, end }) => end > start, END_AFTER_START)
  .meta({ id: 'ClipSpan', description: 'The part of the source to use, in seconds.' })

const common = {
  name,
  description: description.optional(),
  clip: clip.optional(),
  video_url: httpUrl.optional().meta({ description: 'Downloaded before the response is sent.' }),
  generation_id: generationId
    .optional()
    .meta({ description: 'A completed generation that shows the character.' }),
}

/** The body of `POST /characters` as JSON. */
export const CharacterRequest = z
  .strictObject(common)
  .refine(
    ({ video_url: url, generation_id: id }) => url === undefined || id === undefined,
    `${TWO_MEANINGS} of video_url and generation_id`,
  )
  .refine(
    ({ video_url: url, generation_id: id }) => url !== undefined || id !== undefined,
    'needs video_url, generation_id or, as a form, a video file',
  )
  .meta({
    id: 'CharacterRequest',
    description: 'The source of the clip is exactly one of `video_url` and `generation_id`.',
    examples: [
      {
        name: 'coffee_girl',
        description: 'a woman in a green apron, short black hair',
        video_url: 'https://media.example/clip.mp4',
        clip: { start: 1, end: 4 },
      },
    ],
  })

/** The same as multipart/form-data, with the video as a file. */
export const CharacterForm = z
  .strictObject({
    ...common,
    video: z.file().optional().meta({ description: 'The source clip. The part must have a filename.' }),
    clip: clip
      .optional()
      .meta({ description: 'JSON text. Alternatively, send `clip_start` and `clip_end`.' }),
    clip_start: seconds.optional(),
    clip_end: seconds.optional(),
  })
  .meta({
    id: 'CharacterForm',
    description: 'The fields of CharacterRequest in any order, with exactly one source.',
  })

export type CharacterBody = z.output<typeof CharacterRequest>
export type CharacterFields = z.output<typeof CharacterForm>

export const CharacterChange = z
  .strictObject({ name: name.optional(), description: description.optional() })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'CharacterChange', examples: [{ description: 'a woman in a red apron' }] })

export const BindingRequest = z
  .strictObject({ upstreams: z.array(z.string().min(1).max(64)).min(1).max(64).optional() })
  .meta({
    id: 'BindingRequest',
    description:
      'Default for `upstreams`: every upstream that the key allows and that supports characters natively.',
    examples: [{ upstreams: ['reseller-a'] }],
  })
