import type { VendorContext } from '../../dialect.ts'
import { fetchSound, fetchReference } from '../../clips/fetch-media.ts'
import { unfetchable } from '../../faults/vendor-errors.ts'
import type { Order, OrderInput } from '../../jobs/job.ts'
import { accepted } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { readJsonOrder } from '../json-order.ts'
import type { OrderParts } from '../json-order.ts'

/** A file of a create, with its role and address. */
export interface NamedMedium extends Pick<OrderInput, 'kind' | 'role'> {
  url: string
}

interface MediaOrderParts extends Omit<OrderParts, 'images' | 'imagesField'> {
  media: Verdict<readonly NamedMedium[]>
  /** The dialect's name of the list, for errors. */
  mediaField: string
}

/** A create whose frames and references have roles. Each of them is fetched, and must be of its declared kind. */
export async function readMediaOrder(
  { media, mediaField, ...parts }: MediaOrderParts,
  context: VendorContext,
): Promise<Verdict<Order>> {
  const order = await readJsonOrder({ ...parts, images: accepted([]), imagesField: mediaField }, context)
  if (!order.ok) return order
  if (!media.ok) return media
  const inputs: OrderInput[] = []
  for (const { kind, role, url } of media.value) {
    const bytes = await bytesOf(kind, url, context.closing)
    if (bytes === null) return unfetchable(mediaField)
    inputs.push({ kind, role, bytes })
  }
  const [reference = null] = inputs.flatMap(({ role, kind, bytes }) =>
    role === 'reference' && kind !== 'audio' ? [{ kind, bytes }] : [],
  )
  return accepted({ ...order.value, reference, inputs })
}

async function bytesOf(kind: OrderInput['kind'], url: string, closing: AbortSignal): Promise<number | null> {
  if (kind === 'audio') return fetchSound(url, closing)
  const found = await fetchReference(url, closing)
  return found?.kind === kind ? found.bytes : null
}
