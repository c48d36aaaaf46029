import type { Delivery } from '../domain/webhooks/delivery.ts'
import type { DeliveryId } from '../domain/ids.ts'
import type { ClaimedDelivery, DeliveryStore } from '../ports/webhooks/delivery-store.ts'
import { LeaseLoop } from './lease-loop.ts'
import type { Begun, LeaseLoopDeps } from './lease-loop.ts'

export interface DeliveryLoopOptions extends Omit<LeaseLoopDeps, 'stopping'> {
  store: Pick<DeliveryStore, 'claimDue' | 'nextDueAt'>
  owner: string
  /** Sends one claimed delivery; must release its lease. */
  deliver: (delivery: Delivery, owner: string) => Promise<void>
  /** The maximum number of concurrent deliveries: in total, per tenant, and per tenant and destination. */
  concurrency: number
  perTenant: number
  perDestination: number
}

/** Several times the timeout of one try, so that leases never need to be renewed. */
const leaseMs = 60_000

/** Sends due deliveries with limited concurrency. A receiver that does not respond blocks only its own slots. */
export class DeliveryLoop extends LeaseLoop<DeliveryId, ClaimedDelivery> {
  readonly #options: DeliveryLoopOptions

  constructor(options: DeliveryLoopOptions) {
    super({ ...options, stopping: new AbortController() })
    this.#options = options
  }

  protected override idOf({ delivery }: ClaimedDelivery): DeliveryId {
    return delivery.id
  }

  protected override async claimDue(now: number, sending: ClaimedDelivery[]): Promise<ClaimedDelivery[]> {
    const { store, owner, concurrency, perTenant, perDestination } = this.#options
    const limit = concurrency - sending.length
    if (limit <= 0) return []
    // Every event of every generation wakes the loop, and most have no webhook. A read is cheaper than a claim.
    const dueAt = await store.nextDueAt(0)
    if (dueAt === null || dueAt > now) return []
    const underWay = sending.map(({ delivery, destination }) => ({ tenant: delivery.tenant, destination }))
    const leaseUntil = now + leaseMs
    return store.claimDue({ now, owner, leaseUntil, limit, perTenant, perDestination, underWay })
  }

  protected override begin({ delivery }: ClaimedDelivery): Begun {
    const { deliver, owner } = this.#options
    return { work: () => deliver(delivery, owner), end: () => undefined }
  }

  protected override leave(): Promise<void> {
    return Promise.resolve()
  }

  /** These are sent after the next start, once their lease has expired: late, but not lost. */
  protected override giveBack(): Promise<void> {
    return Promise.resolve()
  }

  /** Anything already due but not claimed waits for a running delivery, and the end of that one wakes the loop. */
  protected override nextDueAt(claimedAt: number): Promise<number | null> {
    return this.#options.store.nextDueAt(claimedAt)
  }

  protected override claimFailed(error: unknown): void {
    this.logger.error({ err: error }, 'failed to claim due webhook deliveries')
  }

  protected override workFailed(error: unknown, id: DeliveryId): void {
    this.logger.error(
      { err: error, delivery: id },
      'failed to send a webhook; retrying when its lease expires',
    )
  }
}
