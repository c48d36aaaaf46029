import type { AuditEntry } from '../../domain/accounts/audit.ts'
import type { Delivery } from '../../domain/webhooks/delivery.ts'
import type { FailingKind } from '../../domain/webhooks/failing-delivery.ts'
import type { DeliveryId, GenerationId } from '../../domain/ids.ts'

/** What counts against the limits of a delivery. `destination` is the origin of its URL. */
export interface DeliveryPlace {
  tenant: string
  destination: string
}

export interface DeliveryClaim {
  now: number
  owner: string
  leaseUntil: number
  limit: number
  /** The maximum number of concurrent deliveries of one tenant, and of one tenant to one destination. */
  perTenant: number
  perDestination: number
  /** Deliveries that are being sent already. */
  underWay: readonly DeliveryPlace[]
}

/** A claimed delivery. `destination` is the origin of its URL. */
export interface ClaimedDelivery {
  delivery: Delivery
  destination: string
}

/** Deliveries that were not accepted. */
export interface FailingQuery {
  /** Null: of every tenant. */
  tenant: string | null
  kind: FailingKind
  /** Only deliveries older than this one. */
  before: DeliveryId | null
  limit: number
}

/**
 * Webhook deliveries. They are inserted in the transaction of the log records that they report (`GenerationStore`), and
 * removed with their generation. Every write is durable when its promise resolves.
 */
export interface DeliveryStore {
  /**
   * Claims due deliveries, oldest first. Of each generation only the earliest pending one is claimed, so that they
   * arrive in order.
   */
  claimDue(claim: DeliveryClaim): Promise<ClaimedDelivery[]>
  /** Stores the result of a try and releases the lease; false if the lease is no longer this owner's. */
  recordTry(delivery: Delivery, owner: string): Promise<boolean>
  /**
   * Frees all leases. Call at start only, and only for an engine that no other process shares. A delivery that was
   * being sent when the process ended counts as a failed try; if it caused the crash, it would otherwise be sent first
   * after every start.
   */
  releaseAll(now: number): Promise<void>
  get(id: DeliveryId): Promise<Delivery | null>
  /** Newest first. `before`: only deliveries older than this one. */
  list(query: { generationId: GenerationId; before: DeliveryId | null; limit: number }): Promise<Delivery[]>
  /** Newest first. */
  failing(query: FailingQuery): Promise<Delivery[]>
  /** Stores a delivery for resending, with `audit`; false if it is being sent right now, or was removed. */
  requeue(delivery: Delivery, now: number, audit?: AuditEntry): Promise<boolean>
  /** The earliest due time after this instant; null if there is none. */
  nextDueAt(after: number): Promise<number | null>
}
