import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import { askedAgain } from '../../domain/webhooks/delivery.ts'
import type { Delivery } from '../../domain/webhooks/delivery.ts'
import { deliveryShownTo } from '../../domain/webhooks/failing-delivery.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { DeliveryStore } from '../../ports/webhooks/delivery-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import { noteFigures } from '../operations/view-audit.ts'
import type { NoteView } from '../operations/view-audit.ts'
import { notFound } from './no-such.ts'
import type { WebhookService } from './webhooks.ts'

/** What failed, for tenants and for who observes all of them, and sending it again. */
export function createFailingDeliveries(deps: {
  deliveries: DeliveryStore
  clock: Clock
  ids: Ids
  noteView: NoteView
  /** Called once a delivery is due. */
  onDelivery: () => void
}): Pick<WebhookService, 'failing' | 'redeliver'> {
  const { deliveries, clock, onDelivery } = deps

  return {
    async failing(client, { tenant, limit, ...query }) {
      const observes = client.scopes.some((scope) => scope === 'observe' || scope === 'operate')
      // Who sees one tenant finds nothing of another one.
      if (!observes && tenant !== null && tenant !== client.tenant) return { data: [], hasMore: false }
      const seen = observes ? tenant : client.tenant
      await noteFigures(deps.noteView, client, { tenant: seen, part: 'failing_deliveries' })
      const data = await deliveries.failing({ ...query, tenant: seen, limit: limit + 1 })
      return {
        data: data.slice(0, limit).map((each) => deliveryShownTo(client, each)),
        hasMore: data.length > limit,
      }
    },
    async redeliver(client, id) {
      const delivery = await deliveries.get(id)
      if (delivery === null || !mayRedeliver(client, delivery)) throw notFound('delivery')
      const now = clock.now()
      const next = askedAgain(delivery, now)
      const data = saidOf(client, delivery)
      const audit = auditEntry(deps, { actor: client, action: 'delivery.redelivered', subject: id, data })
      if (!(await deliveries.requeue(next, now, audit))) {
        throw new Problem('conflict', 'This delivery is being sent now. Try again later.')
      }
      onDelivery()
      return deliveryShownTo(client, next)
    },
  }
}

function mayRedeliver({ tenant, scopes }: Client, delivery: Delivery): boolean {
  return scopes.includes('operate') || (scopes.includes('generate') && delivery.tenant === tenant)
}

function saidOf(client: Client, { seriesId, generationId, tenant }: Delivery) {
  const subject = seriesId === undefined ? { generation: generationId } : { series: seriesId }
  return tenant === client.tenant ? subject : { ...subject, tenant }
}
