import { z } from 'zod'
import { failingKinds } from '../../../domain/webhooks/failing-delivery.ts'
import type { Delivery } from '../../../domain/webhooks/delivery.ts'
import { accountName } from '../accounts/key-request.ts'
import { deliveryId, exampleDeliveryId, exampleGenerationId } from '../fields.ts'
import { limit, pageOf } from '../paging.ts'
import { DeliveryDto, toDeliveryDto } from './delivery.ts'

export const failingQuery = z.strictObject({
  state: z.enum(failingKinds).default('failing').meta({
    description:
      '`retrying`: failed at least once and is tried again. `given_up`: failed for a day, or the receiver responded with 410. `failing`: both.',
  }),
  tenant: accountName.optional().meta({
    description:
      'Only deliveries of this tenant. Tenants other than its own are visible to `observe` and `operate` only.',
  }),
  limit,
  cursor: deliveryId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

const { tries: _tries, ...kept } = DeliveryDto.shape
const lastTry = DeliveryDto.shape.tries.unwrap()

export const FailingDeliveryDto = z
  .object({
    ...kept,
    tenant: z.string(),
    url: z.string().meta({
      description:
        'Of other tenants only the origin; with the scope `operate_prompts` also the path. Never their query or credentials.',
    }),
    failed_tries: z.int().meta({ description: 'Failed tries since the event, or since it was redelivered.' }),
    last_try: lastTry
      .nullable()
      .meta({ description: 'Null if it was disabled together with an earlier event.' }),
  })
  .meta({
    id: 'FailingDelivery',
    description: 'A webhook delivery that was not accepted.',
    examples: [
      {
        id: exampleDeliveryId,
        object: 'delivery',
        tenant: 'studio',
        generation_id: exampleGenerationId,
        series_id: null,
        seq: 12,
        type: 'generation.completed',
        at: '2026-11-22T15:06:40.000Z',
        url: 'https://hooks.example',
        state: 'pending',
        failed_tries: 3,
        last_try: { at: '2026-11-22T15:07:20.012Z', ms: 81, status: 503, message: 'Answered 503.' },
        next_try_at: '2026-11-22T15:07:40.231Z',
        expires_at: '2026-11-23T15:06:40.000Z',
      },
    ],
  })
export type FailingDeliveryDto = z.output<typeof FailingDeliveryDto>

export const FailingDeliveryPage = pageOf('FailingDeliveryPage', FailingDeliveryDto)

export function toFailingDeliveryDto(delivery: Delivery): FailingDeliveryDto {
  const { tries, ...same } = toDeliveryDto(delivery)
  return {
    ...same,
    tenant: delivery.tenant,
    failed_tries: delivery.failures,
    last_try: tries.at(-1) ?? null,
  }
}
