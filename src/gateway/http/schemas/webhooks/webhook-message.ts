import { z } from 'zod'
import { generationStatus } from '../generations/generation.ts'
import { webhookEvent } from './delivery.ts'
import { seriesEnds } from '../../../domain/series/series-events.ts'
import { seriesStatuses } from '../../../domain/series/series.ts'
import { exampleGenerationId, exampleSeriesId, generationId, seriesId, timestamp } from '../fields.ts'

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

/** The body of what is sent when a series ends. */
export const SeriesMessage = z
  .looseObject({
    type: z.enum(seriesEnds),
    timestamp: timestamp.meta({ description: 'When the event occurred.' }),
    data: z.looseObject({
      series_id: seriesId,
      status: z.enum(seriesStatuses),
      seq: z.int().positive().meta({ description: 'The sequence number of the event in its series.' }),
    }),
  })
  .meta({
    id: 'SeriesMessage',
    description: 'Contains identifiers only. Get the series for its current state.',
    examples: [
      {
        type: 'series.completed',
        timestamp: '2026-11-22T15:31:40.000Z',
        data: { series_id: exampleSeriesId, status: 'completed', seq: 7 },
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

interface Told {
  operationId: string
  summary: string
  description: string
  message: string
  gone: string
}

function outgoing({ message, gone, ...operation }: Told) {
  return {
    post: {
      ...operation,
      tags: ['webhooks'],
      security: [{ signature: [] }],
      parameters: [
        header('webhook-id', 'The ID of the delivery. Stays the same when the message is sent again.'),
        header('webhook-timestamp', 'When this try was sent, in seconds since the epoch.'),
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${message}` } } },
      },
      responses: {
        '2XX': { description: 'The message was accepted.' },
        '410': { description: gone },
        default: {
          description:
            'Not accepted. The message is sent again later, after `Retry-After` if that is longer.',
        },
      },
    },
  }
}

/** What this gateway calls, for the OpenAPI document. */
export const outgoingWebhooks = {
  generationEvent: outgoing({
    operationId: 'generationEvent',
    summary: 'An event of a generation',
    description:
      'Sent to `webhook_url` and signed according to Standard Webhooks. Retried for one day until the receiver accepts it. Events of a generation are sent in order.',
    message: 'WebhookMessage',
    gone: 'Send no more events of this generation.',
  }),
  seriesEvent: outgoing({
    operationId: 'seriesEvent',
    summary: 'The end of a series',
    description:
      'Sent to the `webhook_url` of the series when it ends, and again when it ends after a retry. Signed and retried as events of generations are.',
    message: 'SeriesMessage',
    gone: 'Do not try again.',
  }),
}
