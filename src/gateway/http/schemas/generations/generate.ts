import { z } from 'zod'
import { mostReferences } from '../../../domain/inputs/request-inputs.ts'
import {
  durationRules,
  failureRules,
  fidelityFloors,
  priorities,
} from '../../../domain/generation/request.ts'
import { webhookFormats } from '../../../domain/webhooks/webhook-event.ts'
import { webhookEvent } from '../webhooks/delivery.ts'
import { generationId, httpUrl, text } from '../fields.ts'
import { findConflicts, frames, inputSettings } from './request-inputs.ts'

export const TWO_MEANINGS = 'is ambiguous: give exactly one'

const SIZE = /^(?:\d{2,4}x\d{2,4}|landscape|portrait)$/

function sizeIsInRange(size: string): boolean {
  return !size.includes('x') || size.split('x').every((side) => Number(side) >= 16 && Number(side) <= 8192)
}

const influence = z.number().min(0).max(1).meta({
  description: 'How closely to follow the reference, from 0 to 1. Default: chosen by the upstream.',
})

const routing = z
  .strictObject({
    priority: z
      .enum(priorities)
      .optional()
      .meta({ description: '`cost`: cheapest first. `stability`: official and self-hosted first.' }),
    upstreams: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'The upstreams that may be used. Routing decides their order.' }),
    fallback: z
      .boolean()
      .optional()
      .meta({ description: 'Whether another upstream may be tried when one fails.' }),
    character_fidelity: z
      .enum(fidelityFloors)
      .optional()
      .meta({ description: '`native`: fail instead of using a character by reference.' }),
    duration: z
      .enum(durationRules)
      .optional()
      .meta({ description: '`exact`: fail instead of rendering a different length.' }),
    on_unknown: z.enum(failureRules).optional().meta({
      description:
        'What to do when the outcome of a submission is unknown. With `fallback`, the video may be paid for twice; a warning then says so.',
    }),
    prefer_upstream_of: generationId.optional().meta({
      description:
        'Prefer the upstream that renders this generation, if it is suitable. Use it for the next scene of a series.',
    }),
    max_cost_usd: z.number().min(0).max(1_000_000).optional().meta({
      description:
        'The cost limit for all attempts together. With 0, only an upstream that is free is asked.',
    }),
    deadline_seconds: z.number().min(10).max(86_400).optional(),
  })
  .meta({ id: 'Routing', description: 'Omitted fields have the defaults of the configuration.' })

export const prompt = text(32_000, z.string().trim().min(1))

export const model = z.string().regex(/^[\w.:/-]{1,128}$/, 'is not the name of a model')

export const size = z
  .string()
  .regex(SIZE, 'must be WIDTHxHEIGHT, landscape or portrait')
  .refine(sizeIsInRange, 'must have sides of 16 to 8192 pixels')
  .meta({
    description: 'Width and height in pixels, or the closest shape the upstream offers.',
    examples: ['1280x720'],
  })

/** What a video can be asked to be, for every request that asks for one. */
export const asked = {
  model: model.optional(),
  duration: z.number().positive().max(600).optional().meta({ description: 'Length in seconds.' }),
  size: size.optional(),
}

export const metadata = z
  .record(text(128, z.string().min(1)), text(512))
  .refine((entries) => Object.keys(entries).length <= 32, 'must have at most 32 entries')
  .meta({ maxProperties: 32, description: 'Stored and returned unchanged.' })

const common = {
  prompt: prompt.meta({
    description: 'Mention characters as `@name` or `@char_…`. Write `\\@` for a literal @.',
  }),
  ...asked,
  ...inputSettings,
  routing: routing.optional(),
  webhook_url: httpUrl.optional().meta({
    description: 'Receives a signed message when the generation ends. Default: the URL of the key.',
  }),
  webhook_events: z.array(webhookEvent).max(32).optional().meta({
    description:
      'The events to send. Default: the terminal event and any later ones. An empty list sends nothing.',
  }),
  webhook_format: z.enum(webhookFormats).optional().meta({
    description:
      '`openai`: sends only the events `video.completed` and `video.failed` in the format of the OpenAI API.',
  }),
  metadata: metadata.optional(),
}

const reference = z
  .strictObject({
    image_url: httpUrl.optional(),
    video_url: httpUrl.optional(),
    influence: influence.optional(),
  })
  .refine(
    ({ image_url, video_url }) => image_url === undefined || video_url === undefined,
    `${TWO_MEANINGS} of image_url and video_url`,
  )
  .refine(
    ({ image_url, video_url }) => image_url !== undefined || video_url !== undefined,
    'needs image_url or video_url',
  )
  .meta({
    id: 'Reference',
    description:
      'An image or a video to follow, as exactly one of the URLs. It is downloaded before the response is sent.',
  })

/** The body of `POST /generate` and `POST /route` as JSON. */
export const GenerateRequest = z
  .strictObject({ ...common, ...frames, reference: reference.optional() })
  .superRefine((body, context) => {
    for (const { path, message } of findConflicts(body))
      context.addIssue({ code: 'custom', path: [path], message })
  })
  .meta({
    id: 'GenerateRequest',
    examples: [
      // Whoever tries it from a page pays nothing, and is told what it would cost.
      { prompt: 'A lighthouse at dusk, slow push in', routing: { max_cost_usd: 0 } },
      {
        prompt: '@coffee_girl walks on the beach at sunset',
        model: 'sora-2',
        duration: 10,
        size: '1280x720',
        reference: { video_url: 'https://media.example/clip.mp4', influence: 0.8 },
        routing: { priority: 'cost', character_fidelity: 'any', max_cost_usd: 1.5, deadline_seconds: 1800 },
        metadata: { shot: '12b' },
      },
    ],
  })

/** The same as multipart/form-data: flat fields, `routing` and `metadata` as JSON text, the reference as a file. */
export const GenerateForm = z
  .strictObject({
    ...common,
    reference: z
      .file()
      .optional()
      .meta({ description: 'An image or a video file. The part must have a filename.' }),
    reference_image_url: httpUrl.optional(),
    reference_video_url: httpUrl.optional(),
    reference_influence: influence.optional(),
    first_frame: z.file().optional().meta({ description: 'A picture. The part must have a filename.' }),
    first_frame_image_url: httpUrl.optional(),
    last_frame: z.file().optional().meta({ description: 'A picture. The part must have a filename.' }),
    last_frame_image_url: httpUrl.optional(),
    files: z.array(z.file()).max(mostReferences).optional().meta({
      description: 'The files that `references` name by their filenames, each in a part of its own.',
    }),
  })
  .meta({
    id: 'GenerateForm',
    description:
      'The fields of GenerateRequest in any order. Send `routing`, `metadata`, `webhook_events`, `references` and `options` as JSON text.',
  })

export type GenerateBody = z.output<typeof GenerateRequest>
export type GenerateFields = z.output<typeof GenerateForm>
