import type { Delivery } from '../domain/webhooks/delivery.ts'
import type { DeliveryId } from '../domain/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { ClaimedDelivery, DeliveryPlace, DeliveryStore } from '../ports/webhooks/delivery-store.ts'
import type { Logger } from '../ports/logger.ts'
import { Waker } from './wake-signal.ts'

export interface DeliveryLoopOptions {
  store: DeliveryStore
  clock: Clock
  logger: Logger
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
/** Longest sleep: an upper bound on how late a wake-up that was missed is noticed. */
const idleMs = 1000
/** After an error of the store, so that a full disk does not become a busy loop. */
const troubleMs = 1000

/** Claims deliveries that are due and has them sent, so many at a time; a receiver that does not answer takes up its own places only. */
export class DeliveryLoop {
  readonly #options: DeliveryLoopOptions
  readonly #active = new Map<DeliveryId, DeliveryPlace & { work: Promise<void> }>()
  readonly #waker = new Waker()
  #stopped = false
  #loop: Promise<void> | undefined

  constructor(options: DeliveryLoopOptions) {
    this.#options = options
  }

  /** Claims what is due and sends it until that is done; how many were sent. Tests step with this. */
  async tick(): Promise<number> {
    const started = await this.#claim(this.#options.clock.now())
    await Promise.all(started)
    return started.length
  }

  /** Claims whenever something is due, until `stop`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Something may be due now. */
  nudge(): void {
    this.#waker.wake()
  }

  /** Claims nothing more from now on, and sends nothing more. What is under way goes on. */
  stopClaiming(): void {
    this.#stopped = true
    this.#waker.wake()
  }

  /** Waits for what is under way, `graceMs` at most; true when all of it has ended. */
  async drain(graceMs: number): Promise<boolean> {
    const grace = new Waker()
    const drained = this.#ended().then(() => grace.wake())
    await Promise.race([drained, grace.sleep(graceMs)])
    return this.#active.size === 0
  }

  /** `stopClaiming`, then `drain`; what is left is sent again after the next start. */
  async stop(graceMs: number): Promise<void> {
    this.stopClaiming()
    await this.drain(graceMs)
  }

  async #ended(): Promise<void> {
    await this.#loop
    await Promise.all([...this.#active.values()].map(({ work }) => work))
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const now = this.#options.clock.now()
        const started = await this.#claim(now)
        if (started.length === 0) await this.#waker.sleep(await this.#sleepMs(now))
      } catch (error) {
        this.#options.logger.error({ err: error }, 'due webhooks could not be claimed')
        await this.#waker.sleep(troubleMs)
      }
    }
  }

  async #claim(now: number): Promise<Promise<void>[]> {
    const { store, owner, concurrency, perTenant, perDestination } = this.#options
    const limit = concurrency - this.#active.size
    if (limit <= 0) return []
    // Every event of every generation wakes the loop, and most want no webhook: a read costs less than a claim.
    const dueAt = await store.nextDueAt(0)
    if (dueAt === null || dueAt > now) return []
    const underWay = [...this.#active.values()]
    const leaseUntil = now + leaseMs
    const claimed = await store.claimDue({
      now,
      owner,
      leaseUntil,
      limit,
      perTenant,
      perDestination,
      underWay,
    })
    // Sent after the next start, when its lease is over: an unsent webhook is late, and never lost.
    if (this.#stopped) return []
    // A stalled process may claim again what it still sends: its lease ran out unnoticed, and is its own again.
    const fresh = claimed.filter(({ delivery }) => !this.#active.has(delivery.id))
    return fresh.map((each) => {
      const work = this.#work(each)
      const { delivery, destination } = each
      this.#active.set(delivery.id, { tenant: delivery.tenant, destination, work })
      return work
    })
  }

  async #work({ delivery }: ClaimedDelivery): Promise<void> {
    const { deliver, owner, logger } = this.#options
    const { id } = delivery
    try {
      await deliver(delivery, owner)
    } catch (error) {
      logger.error({ err: error, delivery: id }, 'a webhook was not sent; it is taken up when its lease ends')
    } finally {
      this.#active.delete(id)
      // What follows it, or was left because every place was taken, may be sent now.
      this.#waker.wake()
    }
  }

  /** What is due already and was not claimed waits for work under way, whose end wakes the loop. */
  async #sleepMs(claimedAt: number): Promise<number> {
    const { store, clock } = this.#options
    const dueAt = await store.nextDueAt(claimedAt)
    return dueAt === null ? idleMs : Math.max(0, Math.min(idleMs, dueAt - clock.now()))
  }
}
