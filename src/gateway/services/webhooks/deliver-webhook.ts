import { afterTry, messageOf } from '../../domain/webhooks/delivery.ts'
import type { Delivery, DeliveryOutcome } from '../../domain/webhooks/delivery.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DeliveryStore } from '../../ports/webhooks/delivery-store.ts'
import type { RemotePost } from '../../ports/webhooks/remote-post.ts'
import type { SigningSecrets } from './signing-secrets.ts'
import { signatureHeaders } from './webhook-signature.ts'

/** Sends a claimed delivery once and stores what became of it. Dying in between repeats it under the same `webhook-id`. */
export type DeliverWebhook = (delivery: Delivery, owner: string) => Promise<void>

/** Posts a message to the URL of its delivery, as `RemotePost` does. */
export type SendDelivery = (
  delivery: Delivery,
  message: Parameters<RemotePost['post']>[1],
  signal: AbortSignal,
) => ReturnType<RemotePost['post']>

/** From dialling to the head of the answer. A receiver that needs longer should answer first and work afterwards. */
const tryMs = 15_000

export function createDeliverWebhook(deps: {
  deliveries: DeliveryStore
  secrets: SigningSecrets
  send: SendDelivery
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
}): DeliverWebhook {
  const { deliveries, secrets, send, clock, random } = deps

  async function attempt(delivery: Delivery, at: number): Promise<DeliveryOutcome> {
    const keys = await secrets.of(delivery.tenant)
    if (keys.length === 0)
      return {
        type: 'unanswered',
        message: 'No signing secret is available. Create one with POST /webhook-secrets.',
      }
    const { id } = delivery
    const body = messageOf(delivery)
    const headers = { 'content-type': 'application/json', ...signatureHeaders(keys, { id, at, body }) }
    const outcome = await send(delivery, { headers, body }, AbortSignal.timeout(tryMs))
    return outcome.type === 'answered' ? outcome : { type: 'unanswered', message: outcome.message }
  }

  return async (delivery, owner) => {
    const at = clock.now()
    const outcome = await attempt(delivery, at)
    const next = afterTry(delivery, { at, ms: clock.now() - at, outcome }, random())
    await deliveries.recordTry(next, owner)
  }
}
