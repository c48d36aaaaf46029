import type { GenerationId } from '../domain/ids.ts'
import type { Claimed, GenerationQueue, SetAside } from '../ports/generations/generation-queue.ts'
import { isAlone } from '../domain/scheduling/step-pool.ts'
import { LeaseLoop } from './lease-loop.ts'
import type { Begun, LeaseLoopDeps } from './lease-loop.ts'
import { HeldLease, instantOf } from './held-lease.ts'
import type { Instant, LeaseTimer } from './held-lease.ts'
import { Slots } from './slots.ts'

export interface GenerationLoopOptions extends LeaseLoopDeps {
  store: GenerationQueue
  owner: string
  /**
   * Works on one claimed generation; must release its lease. Before a step in another pool it calls `enter` for a slot
   * there; without a slot, the step is left to a later claim. Before it sends what must not be sent twice it asks
   * `isHeld`: false once another owner may have taken over.
   */
  work: (
    stored: Claimed,
    lease: { owner: string; isHeld: () => boolean },
    enter: (pool: string) => Promise<boolean>,
  ) => Promise<void>
  /** True where other processes claim from the same queue. */
  isShared: boolean
  monotonic?: () => number
  /** The pool that a generation waits in. */
  poolOf: (stored: Claimed, now: number) => string
  /** Whether an error only means that another owner has the generation now. */
  isLeaseLost: (error: unknown) => boolean
  /** Whether an error only means that the store was away: the work can be taken up again as soon as it is back. */
  isOutage: (error: unknown) => boolean
  /** The number of generations worked on concurrently in one pool. */
  slotsIn: (pool: string) => number
  /** The same for all pools together. */
  slotsInAll: number
}

/** After this time other processes may take over from a crashed one. Leases are renewed three times in this period. */
const leaseMs = 30_000
const renewMs = 10_000
const claimLimit = 100
/** How long work waits in memory for a slot in its next pool: longer than a pool takes to turn over that is not slow. */
const patienceMs = 250

/** Works on due generations under renewed leases, with a limited number per pool. */
export class GenerationLoop extends LeaseLoop<GenerationId, Claimed> {
  readonly #options: GenerationLoopOptions
  readonly #slots: Slots
  readonly #timer: LeaseTimer
  readonly #leases = new Map<GenerationId, HeldLease>()
  /** Work that an outage of the store ended, under leases that it could not give back. */
  readonly #interrupted = new Set<GenerationId>()
  #claimedAt: Instant
  #renewal: NodeJS.Timeout | undefined
  #startedAt = 0

  constructor(options: GenerationLoopOptions) {
    super(options)
    this.#options = options
    this.#slots = new Slots(options.slotsIn, options.slotsInAll)
    const { clock, monotonic = () => performance.now() } = options
    this.#timer = { monotonic, wall: () => clock.now() }
    this.#claimedAt = instantOf(this.#timer)
  }

  override start(): void {
    this.#startedAt = this.clock.now()
    super.start()
    this.#renewal ??= setInterval(() => void this.#renew(), renewMs)
  }

  /**
   * Leases are renewed during the grace period. Work that is left after it is released and continues after the next
   * start.
   */
  override async stop(graceMs: number): Promise<void> {
    await super.stop(graceMs)
    clearInterval(this.#renewal)
    await this.#letGo()
  }

  /** Counts an uncaught error against the current work; what is set aside. Does not throw: the process is ending. */
  async noteCrash(): Promise<SetAside[]> {
    const { store, owner } = this.#options
    try {
      const ids = this.inHand()
      await store.noteCrash(ids, owner)
      return await store.setCrashedAside(ids, this.clock.now())
    } catch (error) {
      this.logger.error({ err: error }, 'failed to record the work in progress at the crash')
      return []
    }
  }

  /**
   * How long the oldest claimable work has waited, in milliseconds; 0 if there is none. Work in a full pool, such as
   * that of an upstream that does not respond, is not counted; nor is the time before the start.
   */
  async overdueMs(): Promise<number> {
    const dueAt = await this.nextDueAt()
    return dueAt === null ? 0 : Math.max(0, this.clock.now() - Math.max(dueAt, this.#startedAt))
  }

  protected override idOf({ generation }: Claimed): GenerationId {
    return generation.id
  }

  protected override async claimDue(now: number): Promise<Claimed[]> {
    const { store, owner } = this.#options
    await this.#giveBackInterrupted()
    const free = (pool: string): number => this.#slots.free(pool)
    this.#claimedAt = instantOf(this.#timer)
    return store.claimDue({ now, owner, leaseUntil: now + leaseMs, limit: claimLimit, free })
  }

  protected override begin(stored: Claimed, now: number): Begun | null {
    const { work, owner, poolOf, isShared } = this.#options
    let slot = poolOf(stored, now)
    if (this.#slots.free(slot) === 0) return null
    this.#slots.take(slot)
    const enter = async (pool: string): Promise<boolean> => {
      // Work that runs alone keeps its slot until the end.
      if (isAlone(slot)) return true
      const entered = await this.#slots.moveSoon(slot, pool, patienceMs)
      if (entered) slot = pool
      return entered
    }
    const { id } = stored.generation
    const held = new HeldLease(this.#timer, leaseMs, this.#claimedAt)
    this.#leases.set(id, held)
    const lease = { owner, isHeld: () => !isShared || held.isHeld() }
    return {
      work: () => work(stored, lease, enter),
      end: () => {
        this.#leases.delete(id)
        this.#slots.leave(slot)
      },
    }
  }

  /** It waits in its pool. */
  protected override leave(stored: Claimed, now: number): Promise<void> {
    const { store, owner, poolOf } = this.#options
    return store.release(stored.generation.id, owner, poolOf(stored, now))
  }

  protected override async giveBack(claimed: Claimed[]): Promise<void> {
    const { store, owner } = this.#options
    await Promise.all(claimed.map(({ generation }) => store.release(generation.id, owner)))
  }

  protected override claimed(): void {
    this.#slots.forgetQueued()
  }

  protected override nextDueAt(): Promise<number | null> {
    return this.#options.store.nextDueAt((pool) => this.#slots.free(pool))
  }

  protected override claimFailed(error: unknown): void {
    this.logger.error({ err: error }, 'failed to claim due generations')
  }

  protected override workFailed(error: unknown, id: GenerationId): void {
    if (this.#options.isLeaseLost(error)) return
    if (this.#options.isOutage(error)) {
      this.#interrupted.add(id)
      this.logger.error(
        { err: error, generation: id },
        'failed to advance a generation; retrying once storage is back',
      )
      return
    }
    this.logger.error(
      { err: error, generation: id },
      'failed to advance a generation; retrying when its lease expires',
    )
  }

  /** Otherwise each outage would cost its work the rest of the lease. Throws while the store is away. */
  async #giveBackInterrupted(): Promise<void> {
    const { store, owner } = this.#options
    const inHand = new Set(this.inHand())
    const giving = [...this.#interrupted].map(async (id) => {
      // If its lease expired before, it may have been claimed again.
      if (!inHand.has(id)) await store.release(id, owner)
      this.#interrupted.delete(id)
    })
    await Promise.all(giving)
  }

  /** After an orderly shutdown no lease may be left: it would count as a crash at the next start. */
  async #letGo(): Promise<void> {
    const { store, owner } = this.#options
    try {
      await Promise.all(this.inHand().map((id) => store.release(id, owner)))
    } catch (error) {
      this.logger.error({ err: error }, 'failed to release leases; the next start takes them over')
    }
  }

  async #renew(): Promise<void> {
    const { store, owner } = this.#options
    const askedAt = instantOf(this.#timer)
    const held = [...this.#leases.values()]
    try {
      await store.renew(this.inHand(), owner, this.clock.now() + leaseMs)
      for (const lease of held) lease.renewed(askedAt)
    } catch (error) {
      this.logger.error({ err: error }, 'failed to renew leases')
    }
  }
}
