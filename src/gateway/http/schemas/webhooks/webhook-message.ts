import { z } from 'zod'
import { generationStatus } from '../generations/generation.ts'
import { webhookEvent } from './delivery.ts'
import { exampleGenerationId, generationId, timestamp } from '../fields.ts'

/** The body of what is sent to a webhook, as `deliver-webhook` writes it. */
export const WebhookMessage = z
  .looseObject({
    type: webhookEvent,
    timestamp: timestamp.meta({ description: 'When the event occurred.' }),
    data: z.looseObject({
      generation_id: generationId,
      status: generationStatus.meta({ description: 'The status of the generation after this event.' }),
      seq: z.int().positive().meta({ description: 'The sequence number of the event in its generation.' }),
    }),
  })
  .meta({
    id: 'WebhookMessage',
    description: 'Contains identifiers only. Get the generation for its current state.',
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
        'Sent to `webhook_url` and signed according to Standard Webhooks. Retried for one day until the receiver accepts it. Events of a generation are sent in order.',
      tags: ['webhooks'],
      security: [{ signature: [] }],
      parameters: [
        header('webhook-id', 'The ID of the delivery. Stays the same when the message is sent again.'),
        header('webhook-timestamp', 'When this try was sent, in seconds since the epoch.'),
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { $ref: '#/components/schemas/WebhookMessage' } },
        },
      },
      responses: {
        '2XX': { description: 'The message was accepted.' },
        '410': { description: 'Send no more events of this generation.' },
        default: {
          description:
            'Not accepted. The message is sent again later, after `Retry-After` if that is longer.',
        },
      },
    },
  },
}
