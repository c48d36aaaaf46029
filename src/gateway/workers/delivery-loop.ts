import type { Delivery } from '../domain/webhooks/delivery.ts'
import type { DeliveryId } from '../domain/ids.ts'
import type { ClaimedDelivery, DeliveryStore } from '../ports/webhooks/delivery-store.ts'
import { LeaseLoop } from './lease-loop.ts'
import type { Begun, LeaseLoopDeps } from './lease-loop.ts'

export interface DeliveryLoopOptions extends Omit<LeaseLoopDeps, 'stopping'> {
  store: Pick<DeliveryStore, 'claimDue' | 'nextDueAt'>
  owner: string
  /** Sends one claimed delivery; must let go of its lease. */
  deliver: (delivery: Delivery, owner: string) => Promise<void>
  /** Deliveries under way at the same time: in all, of one tenant, and of one tenant to one destination. */
  concurrency: number
  perTenant: number
  perDestination: number
}

/** Several times what one try may take, so that no lease needs to be renewed. */
const leaseMs = 60_000

/** Sends deliveries that are due, so many at a time; a receiver that does not answer takes up its own slots only. */
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

  /** Sent after the next start, when its lease has expired. An unsent webhook is late but never lost. */
  protected override giveBack(): Promise<void> {
    return Promise.resolve()
  }

  /** What is due already and was not claimed waits for work under way, whose end wakes the loop. */
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
