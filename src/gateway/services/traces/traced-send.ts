import { traceHeaders } from '../../domain/observability/trace.ts'
import type { GenerationTrace } from '../../domain/observability/trace.ts'
import type { Delivery } from '../../domain/webhooks/delivery.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { PostOutcome } from '../../ports/webhooks/remote-post.ts'
import type { SendDelivery } from '../webhooks/deliver-webhook.ts'
import type { Tracing } from './tracing.ts'

/** A span for each try of a webhook of a traced generation. `isTold`: whether the receiver is told of it. */
export function tracedSend(
  send: SendDelivery,
  { tracer, clock }: Tracing,
  { store, isTold }: { store: Pick<GenerationStore, 'get'>; isTold: boolean },
): SendDelivery {
  async function traceOf({ generationId }: Delivery): Promise<GenerationTrace | undefined> {
    if (generationId === null) return undefined
    // A webhook is not held up by its span.
    const stored = await store.get(generationId).catch(() => null)
    return stored?.generation.trace
  }

  return async (delivery, message, signal) => {
    const trace = await traceOf(delivery)
    if (trace === undefined) return send(delivery, message, signal)
    const place = tracer.start(trace)
    const headers = isTold ? { ...message.headers, ...traceHeaders(place.context) } : message.headers
    const from = clock.now()
    const outcome = await send(delivery, { ...message, headers }, signal)
    tracer.record({
      ...place,
      name: `webhook ${delivery.type}`,
      kind: 'client',
      from,
      to: clock.now(),
      attributes: {
        'understudy.generation.id': delivery.generationId,
        'understudy.webhook.id': delivery.id,
        'understudy.webhook.failures': delivery.failures,
        'http.request.method': 'POST',
        'http.response.status_code': outcome.type === 'answered' ? outcome.status : null,
        'server.address': URL.parse(delivery.url)?.hostname,
      },
      error: failureOf(outcome),
    })
    return outcome
  }
}

function failureOf(outcome: PostOutcome): string | null {
  if (outcome.type !== 'answered') return outcome.type
  return outcome.status >= 300 ? String(outcome.status) : null
}
