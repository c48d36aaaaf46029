import { z } from 'zod'
import { deliveryStates } from '../../domain/webhooks/delivery.ts'
import { webhookFormats } from '../../domain/webhooks/webhook-event.ts'
import { seriesEnds } from '../../domain/series/series-events.ts'
import { tellableEvents } from '../../domain/webhooks/webhook-event.ts'
import { storedWord } from '../stored-word.ts'
import type { Delivery, DeliveryTry } from '../../domain/webhooks/delivery.ts'
import { generationId, generationStatus } from '../generations/generation-document.ts'
import type { DeliveriesTable } from '../tables/webhook-tables.ts'

const tries: z.ZodType<DeliveryTry[]> = z.array(
  z.object({
    at: z.number(),
    ms: z.number(),
    status: z.number().nullable(),
    message: z.string().nullable(),
  }),
)

const deliveryColumns = z.object({
  id: z.templateLiteral(['dlv_', z.string()]),
  tenant: z.string(),
  generation_id: generationId.nullable(),
  series_id: z.templateLiteral(['ser_', z.string()]).nullable(),
  seq: z.number(),
  url: z.string(),
  type: storedWord([...tellableEvents, ...seriesEnds]),
  at: z.number(),
  status: generationStatus,
  state: storedWord(deliveryStates),
  tries: z.string().transform((text) => tries.parse(JSON.parse(text))),
  failures: z.number(),
  due_at: z.number().nullable(),
  expires_at: z.number(),
  format: storedWord(webhookFormats),
})

/** The columns that change with a try. */
export function progressColumns({ state, tries: tried, failures, dueAt, expiresAt }: Delivery) {
  return { state, tries: JSON.stringify(tried), failures, due_at: dueAt, expires_at: expiresAt }
}

export function deliveryRow(delivery: Delivery): DeliveriesTable {
  const {
    id,
    tenant,
    generationId: generation_id,
    seriesId: series_id = null,
    seq,
    url,
    type,
    at,
    status,
    format,
  } = delivery
  return {
    id,
    tenant,
    generation_id,
    series_id,
    seq,
    url,
    destination: new URL(url).origin,
    type,
    at,
    status,
    format,
    ...progressColumns(delivery),
    lease_owner: null,
    lease_until: null,
  }
}

export function parseDelivery(row: unknown): Delivery {
  const { generation_id, series_id, due_at, expires_at, ...same } = deliveryColumns.parse(row)
  const delivery: Delivery = {
    ...same,
    generationId: generation_id,
    ...(series_id !== null && { seriesId: series_id }),
    dueAt: due_at,
    expiresAt: expires_at,
  }
  return delivery
}
