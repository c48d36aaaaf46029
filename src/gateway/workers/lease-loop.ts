import type { GenerationId } from '../domain/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Claimed, GenerationStore } from '../ports/generations/generation-store.ts'
import type { Logger } from '../ports/logger.ts'
import { isAlone } from '../domain/scheduling/step-lane.ts'
import { Places } from './places.ts'
import { Waker } from './wake-signal.ts'

export interface LeaseLoopOptions {
  store: GenerationStore
  clock: Clock
  logger: Logger
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
  /** Aborted by `stopClaiming`; what works on a generation begins nothing new then. */
  stopping: AbortController
  /** Generations worked on at the same time in one lane. */
  placesIn: (lane: string) => number
  /** And in all lanes together. */
  placesInAll: number
}

/** A crash is noticed by others this long after; renewed three times in between. */
const leaseMs = 30_000
const renewMs = 10_000
const claimLimit = 100
/** Longest sleep: an upper bound on how late a wake-up that was missed is noticed. */
const idleMs = 1000
/** After an error of the store, so that a full disk does not become a busy loop. */
const troubleMs = 1000
const aliveMs = 15_000

/** Claims generations that are due and has them worked on, so many at a time, under leases that it keeps renewed. */
export class LeaseLoop {
  readonly #options: LeaseLoopOptions
  readonly #active = new Map<GenerationId, Promise<void>>()
  readonly #places: Places
  readonly #waker = new Waker()
  readonly #stopping: AbortController
  #loop: Promise<void> | undefined
  #renewal: NodeJS.Timeout | undefined
  #lastTurn = 0
  #startedAt = 0

  constructor(options: LeaseLoopOptions) {
    this.#options = options
    this.#stopping = options.stopping
    this.#places = new Places(options.placesIn, options.placesInAll)
  }

  /** Claims what is due and works on it until that is done; the number of generations worked on. Tests step with this. */
  async tick(): Promise<number> {
    const started = await this.#claim()
    await Promise.all(started)
    return started.length
  }

  /** Claims whenever something is due, until `stop`. */
  start(): void {
    this.#startedAt = this.#options.clock.now()
    this.#loop ??= this.#run()
    this.#renewal ??= setInterval(() => void this.#renew(), renewMs)
  }

  /** Something may be due now. */
  nudge(): void {
    this.#waker.wake()
  }

  /** Claims nothing more from now on. What is in hand ends with the step that it is at, and no create leaves any more. */
  stopClaiming(): void {
    this.#stopping.abort()
    this.#waker.wake()
  }

  /** Waits for the work in hand, `graceMs` at most; true when all of it has ended. Leases stay renewed meanwhile. */
  async drain(graceMs: number): Promise<boolean> {
    const grace = new Waker()
    const drained = this.#ended().then(() => grace.wake())
    await Promise.race([drained, grace.sleep(graceMs)])
    return this.#active.size === 0
  }

  /** `stopClaiming`, then `drain`; what is left is let go of, and taken up after the next start. */
  async stop(graceMs: number): Promise<void> {
    this.stopClaiming()
    await this.drain(graceMs)
    clearInterval(this.#renewal)
    await this.#letGo()
  }

  /** Counts an uncaught error against the work in hand. Throws nothing: the process is ending. */
  async noteCrash(): Promise<void> {
    const { store, owner, logger } = this.#options
    try {
      await store.noteCrash([...this.#active.keys()], owner)
    } catch (error) {
      logger.error({ err: error }, 'what was in hand at the crash could not be stored')
    }
  }

  /** Whether the loop took a turn lately. */
  alive(): boolean {
    return this.#loop !== undefined && performance.now() - this.#lastTurn < aliveMs
  }

  /**
   * Milliseconds that the oldest work waits which could be claimed now; 0 when none does. What waits for an upstream that
   * hangs, in a lane that is full, is not counted; nor is the time before the start.
   */
  async overdueMs(): Promise<number> {
    const { store, clock } = this.#options
    const dueAt = await store.nextDueAt((lane) => this.#places.free(lane))
    return dueAt === null ? 0 : Math.max(0, clock.now() - Math.max(dueAt, this.#startedAt))
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const started = await this.#claim()
        if (started.length === 0) await this.#waker.sleep(await this.#sleepMs())
      } catch (error) {
        this.#options.logger.error({ err: error }, 'due generations could not be claimed')
        await this.#waker.sleep(troubleMs)
      }
    }
  }

  async #claim(): Promise<Promise<void>[]> {
    const { store, clock, owner } = this.#options
    this.#lastTurn = performance.now()
    const now = clock.now()
    const free = (lane: string): number => this.#places.free(lane)
    const claimed = await store.claimDue({ now, owner, leaseUntil: now + leaseMs, limit: claimLimit, free })
    if (this.#stopping.signal.aborted) {
      await Promise.all(claimed.map(({ generation }) => store.release(generation.id, owner)))
      return []
    }
    // A stalled process may claim again what it still works on: its lease ran out unnoticed, and is its own again.
    const fresh = claimed.filter(({ generation }) => !this.#active.has(generation.id))
    const begun = fresh.map((stored) => this.#begin(stored, this.#options.laneOf(stored, now)))
    this.#places.forgetQueued()
    return begun
  }

  /** Works on it where its lane has a place; else it waits in that lane. */
  #begin(stored: Claimed, lane: string): Promise<void> {
    const { store, owner } = this.#options
    const { id } = stored.generation
    if (this.#places.free(lane) === 0) return store.release(id, owner, lane)
    this.#places.take(lane)
    const work = this.#work(stored, lane)
    this.#active.set(id, work)
    return work
  }

  async #work(stored: Claimed, claimedIn: string): Promise<void> {
    const { work, owner, isLeaseLost, logger } = this.#options
    const { id } = stored.generation
    let place = claimedIn
    const enter = (lane: string): boolean => {
      // What works alone keeps its place to the end, whatever it comes to.
      if (isAlone(place)) return true
      const entered = this.#places.move(place, lane)
      if (entered) place = lane
      return entered
    }
    try {
      await work(stored, owner, enter)
    } catch (error) {
      if (!isLeaseLost(error)) {
        logger.error({ err: error, generation: id }, 'work failed; it is taken up again when its lease ends')
      }
    } finally {
      this.#active.delete(id)
      this.#places.leave(place)
      // What was due may have been left because every place was taken.
      this.#waker.wake()
    }
  }

  /** An ordered stop is no crash: a lease that is left counts as one at the next start. */
  async #letGo(): Promise<void> {
    const { store, owner, logger } = this.#options
    try {
      await Promise.all([...this.#active.keys()].map((id) => store.release(id, owner)))
    } catch (error) {
      logger.error({ err: error }, 'leases could not be let go of; they end with the next start')
    }
  }

  async #ended(): Promise<void> {
    await this.#loop
    await Promise.all(this.#active.values())
  }

  async #sleepMs(): Promise<number> {
    const { store, clock } = this.#options
    const dueAt = await store.nextDueAt((lane) => this.#places.free(lane))
    return dueAt === null ? idleMs : Math.max(0, Math.min(idleMs, dueAt - clock.now()))
  }

  async #renew(): Promise<void> {
    const { store, clock, owner, logger } = this.#options
    try {
      await store.renew([...this.#active.keys()], owner, clock.now() + leaseMs)
    } catch (error) {
      logger.error({ err: error }, 'leases could not be renewed')
    }
  }
}
