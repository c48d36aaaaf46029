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
      'What `@name` in a prompt says: letters of any script without upper case, digits and `_`, starting with a letter, at most 40. Kept in NFKC; unique per tenant.',
    examples: ['coffee_girl', '咖啡女孩'],
  })

const description = text(2000).meta({
  description: 'Told to upstreams that do not know the character natively.',
})

const clip = z
  .strictObject({ start: seconds, end: seconds })
  .refine(({ start, end }) => end > start, END_AFTER_START)
  .meta({ id: 'ClipSpan', description: 'The part of the source to keep, in seconds.' })

const common = {
  name,
  description: description.optional(),
  clip: clip.optional(),
  video_url: httpUrl.optional().meta({ description: 'Fetched before the answer.' }),
  generation_id: generationId.optional().meta({ description: 'A completed generation that shows it.' }),
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
    description: 'Exactly one of `video_url` and `generation_id` says where the clip comes from.',
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
    video: z.file().optional().meta({ description: 'The source clip. The part needs a filename.' }),
    clip: clip.optional().meta({ description: 'As JSON text, or as `clip_start` and `clip_end`.' }),
    clip_start: seconds.optional(),
    clip_end: seconds.optional(),
  })
  .meta({
    id: 'CharacterForm',
    description: 'The fields of CharacterRequest, in any order; exactly one source.',
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
    description: 'Without `upstreams`: every one that takes characters natively and that the key allows.',
    examples: [{ upstreams: ['reseller-a'] }],
  })
