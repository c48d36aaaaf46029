import { z } from 'zod'
import { deliveryStates } from '../../../domain/webhooks/delivery.ts'
import { tellableEvents } from '../../../domain/webhooks/webhook-event.ts'
import { seriesEnds } from '../../../domain/series/series-events.ts'
import type { View } from '../../../domain/accounts/view.ts'
import type { Delivery } from '../../../domain/webhooks/delivery.ts'
import { shownWord } from '../shown-word.ts'
import {
  deliveryId,
  exampleDeliveryId,
  exampleGenerationId,
  generationId,
  seriesId,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
} from '../fields.ts'
import { pageOf } from '../paging.ts'

export const webhookEvent = z.enum(tellableEvents)

const tried = z.object({
  at: timestamp,
  ms: z.int().nonnegative().meta({ description: 'The duration of the request.' }),
  status: z.int().nullable().meta({ description: 'The response of the receiver.' }),
  message: z.string().nullable().meta({ description: 'Why the request failed. Null if it succeeded.' }),
})

export const DeliveryDto = z
  .object({
    id: deliveryId,
    object: z.literal('delivery'),
    generation_id: generationId.nullable().meta({ description: 'Null for an event of a series.' }),
    series_id: seriesId.nullable().meta({ description: 'Null for an event of a generation.' }),
    seq: z
      .int()
      .positive()
      .meta({ description: 'The sequence number of the event in its generation or series.' }),
    type: shownWord([...tellableEvents, ...seriesEnds]),
    at: timestamp.meta({ description: 'When the event occurred.' }),
    url: z.string().meta({
      description: 'Of other tenants only the origin, unless the key has the scope `operate_prompts`.',
    }),
    state: shownWord(deliveryStates).meta({
      description:
        '`failed`: not delivered within a day. `disabled`: the receiver responded with 410 to this event or an earlier one.',
    }),
    tries: z.array(tried).meta({ description: 'The last 50 tries, oldest first.' }),
    next_try_at: timestamp.nullable().meta({
      description:
        'The earliest time of the next try, which also waits for earlier events. Null unless pending.',
    }),
    expires_at: timestamp.meta({ description: 'When delivery is given up.' }),
  })
  .meta({
    id: 'Delivery',
    examples: [
      {
        id: exampleDeliveryId,
        object: 'delivery',
        generation_id: exampleGenerationId,
        series_id: null,
        seq: 12,
        type: 'generation.completed',
        at: '2026-11-22T15:06:40.000Z',
        url: 'https://hooks.example/videos',
        state: 'pending',
        tries: [{ at: '2026-11-22T15:06:40.012Z', ms: 81, status: 503, message: 'Answered 503.' }],
        next_try_at: '2026-11-22T15:06:45.231Z',
        expires_at: '2026-11-23T15:06:40.000Z',
      },
    ],
  })
export type DeliveryDto = z.output<typeof DeliveryDto>

export const DeliveryPage = pageOf('DeliveryPage', DeliveryDto)

/** A path or a query may hold a secret of the receiver. */
export function toDeliveryDto(delivery: Delivery, view: View = 'whole'): DeliveryDto {
  const { id, seq, type, at, url, state, tries, dueAt, expiresAt } = delivery
  return {
    id,
    object: 'delivery',
    generation_id: delivery.generationId,
    series_id: delivery.seriesId ?? null,
    seq,
    type,
    at: toTimestamp(at),
    url: view === 'whole' ? url : new URL(url).origin,
    state,
    tries: tries.map((each) => ({ ...each, at: toTimestamp(each.at) })),
    next_try_at: toTimestampOrNull(dueAt),
    expires_at: toTimestamp(expiresAt),
  }
}
