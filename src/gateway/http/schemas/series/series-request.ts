import { z } from 'zod'
import { mostScenes } from '../../../domain/series/series.ts'
import { webhookFormats } from '../../../domain/webhooks/webhook-event.ts'
import { characterRef, httpUrl, text } from '../fields.ts'
import { GenerateRequest, metadata, prompt } from '../generations/generate.ts'

const { prompt: _prompt, metadata: _metadata, ...shareable } = GenerateRequest.shape
const { webhook_url: _url, webhook_events: _events, webhook_format: _format, ...shared } = shareable

const settings = z.strictObject(shared).meta({
  id: 'SeriesSettings',
  description:
    'Defaults of every scene. What a scene sets itself takes precedence; `routing` is merged by member.',
})

export const sceneId = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')
  .meta({ description: 'Default: the number of the scene, from 1.', examples: ['beach'] })

const scene = z
  .strictObject({ id: sceneId.optional(), ...GenerateRequest.shape })
  .meta({ id: 'SceneRequest', description: 'One video: anything that `POST /generate` accepts as JSON.' })

/** The body of `POST /series`. */
export const SeriesRequest = z
  .strictObject({
    name: text(100, z.string().trim().min(1)).optional(),
    characters: z.array(characterRef).max(20).default([]).meta({
      description:
        'IDs or names. Put in front of the prompt, as mentions, of each scene that mentions none of them.',
    }),
    settings: settings.optional(),
    scenes: z.array(scene).min(1).max(mostScenes).meta({ description: 'Sent in this order.' }),
    max_cost_usd: z.number().min(0).max(1_000_000).optional().meta({
      description: 'The cost limit for all scenes together, retries and fallbacks included.',
    }),
    webhook_url: httpUrl.optional().meta({
      description: 'Receives a signed message when the series ends. Default: the URL of the key.',
    }),
    webhook_format: z.enum(webhookFormats).optional().meta({
      description: '`openai` has no event for a series; nothing is sent then. Default: that of the key.',
    }),
    metadata: metadata.optional(),
  })
  .meta({
    id: 'SeriesRequest',
    examples: [
      {
        name: 'A day at the sea',
        characters: ['coffee_girl'],
        settings: { model: 'sora-2', duration: 10, size: 'landscape' },
        scenes: [
          { id: 'beach', prompt: '@coffee_girl walks on the beach at sunset' },
          { id: 'tram', prompt: '@coffee_girl in a crowded tram', duration: 15 },
        ],
        max_cost_usd: 0,
      },
    ],
  })

/** The body of `POST /series/{id}/retry`. */
export const SeriesRetryRequest = z
  .strictObject({
    scenes: z
      .array(z.strictObject({ id: sceneId, prompt: prompt.optional() }))
      .min(1)
      .max(mostScenes)
      .optional()
      .meta({
        description:
          'Default: every failed scene that may be retried. A scene that was refused for its content needs another prompt.',
      }),
  })
  .meta({
    id: 'SeriesRetryRequest',
    examples: [{ scenes: [{ id: 'tram', prompt: '@coffee_girl in an empty tram' }] }],
  })

export type SeriesBody = z.output<typeof SeriesRequest>
