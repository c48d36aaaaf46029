import type { GenerationId } from '../domain/ids.ts'
import type { Claimed, GenerationQueue } from '../ports/generations/generation-queue.ts'
import { isAlone } from '../domain/scheduling/step-lane.ts'
import { LeaseLoop } from './lease-loop.ts'
import type { Begun, LeaseLoopDeps } from './lease-loop.ts'
import { Places } from './places.ts'

export interface GenerationLoopOptions extends LeaseLoopDeps {
  store: GenerationQueue
  owner: string
  /**
   * Works on one claimed generation; must let go of its lease. Before a step of another lane it asks `enter` for a place
   * there, and leaves the step to a later claim where there is none.
   */
  work: (stored: Claimed, owner: string, enter: (lane: string) => boolean) => Promise<void>
  /** The lane that a generation waits in. */
  laneOf: (stored: Claimed, now: number) => string
  /** Whether an error only means that somebody else owns the generation now. */
  isLeaseLost: (error: unknown) => boolean
  /** Generations worked on at the same time in one lane. */
  placesIn: (lane: string) => number
  /** And in all lanes together. */
  placesInAll: number
}

/** A crash is noticed by others this long after; renewed three times in between. */
const leaseMs = 30_000
const renewMs = 10_000
const claimLimit = 100

/** Works on generations that are due, so many at a time in each lane, under leases that it keeps renewed. */
export class GenerationLoop extends LeaseLoop<GenerationId, Claimed> {
  readonly #options: GenerationLoopOptions
  readonly #places: Places
  #renewal: NodeJS.Timeout | undefined
  #startedAt = 0

  constructor(options: GenerationLoopOptions) {
    super(options)
    this.#options = options
    this.#places = new Places(options.placesIn, options.placesInAll)
  }

  override start(): void {
    this.#startedAt = this.clock.now()
    super.start()
    this.#renewal ??= setInterval(() => void this.#renew(), renewMs)
  }

  /** Leases stay renewed during the grace; what is left after it is let go of, and taken up after the next start. */
  override async stop(graceMs: number): Promise<void> {
    await super.stop(graceMs)
    clearInterval(this.#renewal)
    await this.#letGo()
  }

  /** Counts an uncaught error against the work in hand. Throws nothing: the process is ending. */
  async noteCrash(): Promise<void> {
    const { store, owner } = this.#options
    try {
      await store.noteCrash(this.inHand(), owner)
    } catch (error) {
      this.logger.error({ err: error }, 'what was in hand at the crash could not be stored')
    }
  }

  /**
   * Milliseconds that the oldest work waits which could be claimed now; 0 when none does. What waits for an upstream that
   * hangs, in a lane that is full, is not counted; nor is the time before the start.
   */
  async overdueMs(): Promise<number> {
    const dueAt = await this.nextDueAt()
    return dueAt === null ? 0 : Math.max(0, this.clock.now() - Math.max(dueAt, this.#startedAt))
  }

  protected override idOf({ generation }: Claimed): GenerationId {
    return generation.id
  }

  protected override claimDue(now: number): Promise<Claimed[]> {
    const { store, owner } = this.#options
    const free = (lane: string): number => this.#places.free(lane)
    return store.claimDue({ now, owner, leaseUntil: now + leaseMs, limit: claimLimit, free })
  }

  protected override begin(stored: Claimed, now: number): Begun | null {
    const { work, owner, laneOf } = this.#options
    let place = laneOf(stored, now)
    if (this.#places.free(place) === 0) return null
    this.#places.take(place)
    const enter = (lane: string): boolean => {
      // What works alone keeps its place to the end, whatever it comes to.
      if (isAlone(place)) return true
      const entered = this.#places.move(place, lane)
      if (entered) place = lane
      return entered
    }
    return { work: () => work(stored, owner, enter), end: () => this.#places.leave(place) }
  }

  /** It waits in its lane. */
  protected override leave(stored: Claimed, now: number): Promise<void> {
    const { store, owner, laneOf } = this.#options
    return store.release(stored.generation.id, owner, laneOf(stored, now))
  }

  protected override async giveBack(claimed: Claimed[]): Promise<void> {
    const { store, owner } = this.#options
    await Promise.all(claimed.map(({ generation }) => store.release(generation.id, owner)))
  }

  protected override claimed(): void {
    this.#places.forgetQueued()
  }

  protected override nextDueAt(): Promise<number | null> {
    return this.#options.store.nextDueAt((lane) => this.#places.free(lane))
  }

  protected override claimFailed(error: unknown): void {
    this.logger.error({ err: error }, 'due generations could not be claimed')
  }

  protected override workFailed(error: unknown, id: GenerationId): void {
    if (this.#options.isLeaseLost(error)) return
    this.logger.error({ err: error, generation: id }, 'work failed; it is taken up again when its lease ends')
  }

  /** An ordered stop is no crash: a lease that is left counts as one at the next start. */
  async #letGo(): Promise<void> {
    const { store, owner } = this.#options
    try {
      await Promise.all(this.inHand().map((id) => store.release(id, owner)))
    } catch (error) {
      this.logger.error({ err: error }, 'leases could not be let go of; they end with the next start')
    }
  }

  async #renew(): Promise<void> {
    const { store, owner } = this.#options
    try {
      await store.renew(this.inHand(), owner, this.clock.now() + leaseMs)
    } catch (error) {
      this.logger.error({ err: error }, 'leases could not be renewed')
    }
  }
}
