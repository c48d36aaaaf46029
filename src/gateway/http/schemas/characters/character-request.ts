import { z } from 'zod'
import { characterNameRule, isCharacterName } from '../../../domain/characters/character-name.ts'
import { mostPictures } from '../../../domain/characters/character.ts'
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

const pictures = z
  .array(z.strictObject({ image_url: httpUrl }).meta({ id: 'PictureUrl' }))
  .min(1)
  .max(mostPictures)

const common = {
  voice_url: httpUrl.optional().meta({
    description:
      'A recording of the voice, for upstreams that take one. Downloaded before the response is sent.',
  }),
  name,
  description: description.optional(),
  clip: clip.optional(),
  video_url: httpUrl.optional().meta({ description: 'Downloaded before the response is sent.' }),
  generation_id: generationId
    .optional()
    .meta({ description: 'A completed generation that shows the character.' }),
}

function sourcesOf(body: { video_url?: unknown; generation_id?: unknown; pictures?: unknown }): unknown[] {
  const { video_url: url, generation_id: id, pictures: shown } = body
  return [url, id, shown].filter((source) => source !== undefined)
}

/** The body of `POST /characters` as JSON. */
export const CharacterRequest = z
  .strictObject({
    ...common,
    pictures: pictures.optional().meta({
      description:
        'Pictures of the character in place of a clip, the best first. Downloaded before the response is sent.',
    }),
  })
  .refine((body) => sourcesOf(body).length <= 1, `${TWO_MEANINGS} of video_url, generation_id and pictures`)
  .refine(
    (body) => sourcesOf(body).length > 0,
    'needs video_url, generation_id, pictures or, as a form, a video file',
  )
  .refine(({ clip: span, pictures: shown }) => span === undefined || shown === undefined, {
    path: ['clip'],
    error: 'is of a video; remove it, because the character is made from pictures',
  })
  .meta({
    id: 'CharacterRequest',
    description: 'The source is exactly one of `video_url`, `generation_id` and `pictures`.',
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
    voice: z.file().optional().meta({ description: 'A recording of the voice: MP3, WAV or M4A.' }),
    video: z.file().optional().meta({ description: 'The source clip. The part must have a filename.' }),
    pictures: z
      .array(z.file())
      .optional()
      .meta({
        description: `Up to ${mostPictures} pictures of the character in place of a clip, the best first. Their filenames differ.`,
      }),
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

/** The body of `PUT /characters/{id}/stills` as JSON. */
export const StillsRequest = z.strictObject({ pictures }).meta({
  id: 'StillsRequest',
  description: 'The pictures, the best first. They are downloaded before the response is sent.',
  examples: [{ pictures: [{ image_url: 'https://media.example/front.jpg' }] }],
})

export type StillsBody = z.output<typeof StillsRequest>

/** The same as multipart/form-data, with the pictures as files. */
export const StillsForm = z
  .strictObject({
    pictures: z.array(z.file()).meta({
      description: `1-${mostPictures} pictures, the best first. Their filenames differ.`,
    }),
  })
  .meta({ id: 'StillsForm', description: 'The pictures as files.' })
