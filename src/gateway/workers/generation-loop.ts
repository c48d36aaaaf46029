import type { GenerationId } from '../domain/ids.ts'
import type { Claimed, SetAside } from '../ports/generations/generation-queue.ts'
import type { Generation } from '../domain/generation/generation.ts'
import { isAlone, localPool, poolsToCreate } from '../domain/scheduling/step-pool.ts'
import { createFirstPlaces } from './first-places.ts'
import type { TakenUp } from './first-places.ts'
import type { FindPlace } from '../ports/generations/work-place.ts'
import { LeaseLoop } from './lease-loop.ts'
import type { Begun } from './lease-loop.ts'
import type { GenerationLoopOptions } from './generation-loop-options.ts'
import { HeldLease, instantOf } from './held-lease.ts'
import type { Instant, LeaseTimer } from './held-lease.ts'
import { Slots } from './slots.ts'

/** After this time other processes may take over from a crashed one. Leases are renewed three times in this period. */
const leaseMs = 30_000
const renewMs = 10_000
const claimLimit = 100
/**
 * With more in hand, new generations are claimed. What each of them stores first must not be so much that its commit leaves some of the
 * new ones to the next: `callersBeside` in `storage/engine/commit-shares.ts`.
 */
const fewInHand = 16
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
  /** Whether a pool was without a slot when the loop last looked what is due. */
  #isAnyFull = false
  /** For a generation that is about to be stored: with a worker that is free for it, it need not be claimed. */
  readonly placeFor: FindPlace

  constructor(options: GenerationLoopOptions) {
    super(options)
    this.#options = options
    this.#slots = new Slots(options.slotsIn, options.slotsInAll)
    const { clock, monotonic = () => performance.now() } = options
    this.#timer = { monotonic, wall: () => clock.now() }
    this.#claimedAt = instantOf(this.#timer)
    this.placeFor = createFirstPlaces({
      takeUp: (generation) => this.#takeUp(generation),
      isOpen: () => !options.stopping.signal.aborted,
      release: (id) =>
        options.store.release(id, options.owner).catch((error: unknown) => this.workFailed(error, id)),
      nudge: () => this.nudge(),
    })
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
    this.#isAnyFull = false
    const free = (pool: string): number => this.#freeIn(pool)
    this.#claimedAt = instantOf(this.#timer)
    return store.claimDue({ now, owner, leaseUntil: now + leaseMs, limit: claimLimit, free })
  }

  protected override begin(stored: Claimed, now: number): Begun | null {
    const slot = this.#options.poolOf(stored, now)
    if (this.#slots.free(slot) === 0) return null
    this.#slots.take(slot)
    return this.#inSlot(slot, stored, this.#claimedAt)
  }

  #inSlot(first: string, stored: Claimed, claimedAt: Instant): Begun {
    const { work, owner, isShared } = this.#options
    let slot = first
    const enter = async (pool: string): Promise<boolean> => {
      // Work that runs alone keeps its slot until the end.
      if (isAlone(slot)) return true
      const entered = await this.#slots.moveSoon(slot, pool, patienceMs)
      if (entered) slot = pool
      return entered
    }
    const { id } = stored.generation
    const held = new HeldLease(this.#timer, leaseMs, claimedAt)
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

  /** Only by the process that owns the queue: what others store is not known here. */
  #takeUp(generation: Generation): TakenUp | null {
    const { owner, isShared } = this.#options
    const now = this.clock.now()
    const pools = poolsToCreate(generation)
    const isQuiet = !isShared && this.isResting(now) && this.inHand().length < fewInHand
    const isNext = isQuiet && pools.every((pool) => this.#slots.isOpen(pool))
    if (!isNext || pools.length === 0) return null
    const claimedAt = instantOf(this.#timer)
    this.#slots.take(localPool)
    return {
      owner,
      until: now + leaseMs,
      begin: (stored) => {
        const item = { generation: stored, version: 1, crashPoints: 0 }
        return this.undertake(item, this.#inSlot(localPool, item, claimedAt))
      },
      leave: () => this.#slots.leave(localPool),
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
    return this.#options.store.nextDueAt((pool) => this.#freeIn(pool))
  }

  protected override mayHaveLeft(): boolean {
    return this.#isAnyFull
  }

  #freeIn(pool: string): number {
    const free = this.#slots.free(pool)
    if (free === 0) this.#isAnyFull = true
    return free
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
