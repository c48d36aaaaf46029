import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Delivery } from '../../domain/webhooks/delivery.ts'
import type { DeliveryId, GenerationId } from '../../domain/ids.ts'

/** What a delivery takes a share of. `destination` is the origin of its URL. */
export interface DeliveryPlace {
  tenant: string
  destination: string
}

export interface DeliveryClaim {
  now: number
  owner: string
  leaseUntil: number
  limit: number
  /** Deliveries that may be under way of one tenant, and of one tenant to one destination, at the same time. */
  perTenant: number
  perDestination: number
  /** Those that are already. */
  underWay: readonly DeliveryPlace[]
}

/** A delivery under a lease. `destination` is the origin of its URL. */
export interface ClaimedDelivery {
  delivery: Delivery
  destination: string
}

/**
 * Deliveries on their way. They come in with the log records that they are about, in the transaction of those
 * (`GenerationStore`), and go with their generation. Every write is durable when its promise resolves.
 */
export interface DeliveryStore {
  /**
   * Takes what is due, oldest first. Of one generation only the earliest that is still pending is ever taken, so that they
   * arrive in order.
   */
  claimDue(claim: DeliveryClaim): Promise<ClaimedDelivery[]>
  /** Stores what a try made of a delivery and lets go of its lease; false when that was no longer this owner's. */
  recordTry(delivery: Delivery, owner: string): Promise<boolean>
  /**
   * Frees every lease; only for an engine that no other process shares, at start. What was being sent when the process before
   * ended counts as tried in vain: were it what ended it, it would else be sent first after every start.
   */
  releaseAll(now: number): Promise<void>
  get(id: DeliveryId): Promise<Delivery | null>
  /** Newest first; `before`: only those older than this one. */
  list(query: { generationId: GenerationId; before: DeliveryId | null; limit: number }): Promise<Delivery[]>
  /** Stores a delivery that is to be sent again, and `audit` with it; false when it is just being sent, or gone. */
  requeue(delivery: Delivery, now: number, audit?: AuditEntry): Promise<boolean>
  /** The earliest instant after this one at which any is due; null when none is. */
  nextDueAt(after: number): Promise<number | null>
}
