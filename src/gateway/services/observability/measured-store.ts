import { samplesOf } from '../../domain/observability/counted-events.ts'
import { poolAt, stepKindOf } from '../../domain/scheduling/step-pool.ts'
import { begunAt } from '../../domain/webhooks/delivery.ts'
import type { GenerationQueue } from '../../ports/generations/generation-queue.ts'
import type { Metrics } from '../../ports/metrics.ts'
import type { DeliveryStore } from '../../ports/webhooks/delivery-store.ts'
import type { StoreListener } from '../generations/told-store.ts'

/** Counts each stored event of a generation. */
export function createEventCounts(metrics: Metrics): StoreListener {
  return {
    stored(generation, entries) {
      for (const entry of entries) for (const sample of samplesOf(generation, entry)) metrics.record(sample)
    },
  }
}

/** A queue that measures how late polls are taken up. */
export function measuredQueue<Queue extends GenerationQueue>(queue: Queue, metrics: Metrics): Queue {
  return {
    ...queue,
    async claimDue(claim) {
      const claimed = await queue.claimDue(claim)
      for (const { generation } of claimed) {
        if (generation.dueAt === null || stepKindOf(poolAt(generation, claim.now)) !== 'poll') continue
        const value = Math.max(0, claim.now - generation.dueAt) / 1000
        metrics.record({ name: 'understudy_poll_lag_seconds', labels: {}, value })
      }
      return claimed
    },
  }
}

/** A store of deliveries that counts each try once it is stored. */
export function measuredDeliveries(store: DeliveryStore, metrics: Metrics): DeliveryStore {
  return {
    ...store,
    async recordTry(delivery, owner) {
      const isStored = await store.recordTry(delivery, owner)
      if (!isStored) return false
      const { state: outcome, tries } = delivery
      metrics.record({ name: 'understudy_webhook_deliveries_total', labels: { outcome }, value: 1 })
      const last = tries.at(-1)
      if (outcome === 'delivered' && last !== undefined) {
        const value = Math.max(0, last.at + last.ms - begunAt(delivery)) / 1000
        metrics.record({ name: 'understudy_webhook_lag_seconds', labels: {}, value })
      }
      return true
    },
  }
}
