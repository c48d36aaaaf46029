import { z } from 'zod'
import { generationStatus } from '../generations/generation.ts'
import { webhookEvent } from './delivery.ts'
import { exampleGenerationId, generationId, timestamp } from '../fields.ts'

/** The body of what is sent to a webhook, as `deliver-webhook` writes it. */
export const WebhookMessage = z
  .looseObject({
    type: webhookEvent,
    timestamp: timestamp.meta({ description: 'When it happened.' }),
    data: z.looseObject({
      generation_id: generationId,
      status: generationStatus.meta({ description: 'Of the generation, after this event.' }),
      seq: z.int().positive().meta({ description: 'Of the event in the log of its generation.' }),
    }),
  })
  .meta({
    id: 'WebhookMessage',
    description: 'Thin: ask for the generation to learn what is true of it now.',
    examples: [
      {
        type: 'generation.completed',
        timestamp: '2026-11-22T15:06:40.000Z',
        data: { generation_id: exampleGenerationId, status: 'completed', seq: 12 },
      },
    ],
  })

const header = (name: string, description: string) => ({
  name,
  in: 'header' as const,
  required: true,
  description,
  schema: { type: 'string' as const },
})

/** What this gateway calls, for the OpenAPI document. */
export const outgoingWebhooks = {
  generationEvent: {
    post: {
      operationId: 'generationEvent',
      summary: 'An event of a generation',
      description:
        'Sent to `webhook_url`, signed as Standard Webhooks say. Sent again until it is taken, for a day; the events of a generation come in order.',
      tags: ['webhooks'],
      security: [{ signature: [] }],
      parameters: [
        header('webhook-id', 'The id of the delivery: the same whenever it is sent again.'),
        header('webhook-timestamp', 'When it was sent this time, in seconds since the epoch.'),
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { $ref: '#/components/schemas/WebhookMessage' } },
        },
      },
      responses: {
        '2XX': { description: 'Taken.' },
        '410': { description: 'Nothing more is wanted of this generation.' },
        default: { description: 'Not taken: sent again later, after `Retry-After` if that is longer.' },
      },
    },
  },
}
