import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { WakeSignal } from './wake-signal.ts'

export interface LeaseLoopDeps {
  clock: Clock
  logger: Logger
  /** Aborted by `stopClaiming`; what works on an item begins nothing new then. */
  stopping: AbortController
}

/** Work on one claimed item. */
export interface Begun {
  work: () => Promise<void>
  /** Called when the work has ended, however it ended. */
  end: () => void
}

/** Longest sleep: an upper bound on how late a wake-up that was missed is noticed. */
const idleMs = 1000
/** After an error of the store, so that a full disk does not become a busy loop. */
const retryMs = 1000
const aliveMs = 15_000

/** Claims items that are due, has them worked on under a lease, and sleeps until more are due. Subclasses say what an item is. */
export abstract class LeaseLoop<Id extends string, Item> {
  protected readonly clock: Clock
  protected readonly logger: Logger
  readonly #stopping: AbortController
  readonly #active = new Map<Id, { item: Item; work: Promise<void> }>()
  readonly #wakeSignal = new WakeSignal()
  #loop: Promise<void> | undefined
  #lastTurn = 0

  constructor({ clock, logger, stopping }: LeaseLoopDeps) {
    this.clock = clock
    this.logger = logger
    this.#stopping = stopping
  }

  protected abstract idOf(item: Item): Id
  /** Takes what is due and has room, under leases. `underWay`: what is worked on already. */
  protected abstract claimDue(now: number, underWay: Item[]): Promise<Item[]>
  /** Begins work on a claimed item; null when there is no room for it. */
  protected abstract begin(item: Item, now: number): Begun | null
  /** Lets go of an item that was claimed and is not worked on. */
  protected abstract leave(item: Item, now: number): Promise<void>
  /** Lets go of items that were claimed while the loop was told to stop. */
  protected abstract giveBack(items: Item[]): Promise<void>
  protected abstract nextDueAt(claimedAt: number): Promise<number | null>
  protected abstract claimFailed(error: unknown): void
  protected abstract workFailed(error: unknown, id: Id): void
  /** Called when all of one claim has begun. */
  protected claimed(): void {}

  /** Claims what is due and works on it until that is done; the number of items worked on. Tests step with this. */
  async tick(): Promise<number> {
    const started = await this.#claim(this.clock.now())
    await Promise.all(started)
    return started.length
  }

  /** Claims whenever something is due, until `stop`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Something may be due now. */
  nudge(): void {
    this.#wakeSignal.wake()
  }

  /** Claims nothing more from now on. What is in hand goes on; what it may still begin is for `stopping` to say. */
  stopClaiming(): void {
    this.#stopping.abort()
    this.#wakeSignal.wake()
  }

  /** Waits for the work in hand, `graceMs` at most; true when all of it has ended. */
  async drain(graceMs: number): Promise<boolean> {
    const grace = new WakeSignal()
    const drained = this.#ended().then(() => grace.wake())
    await Promise.race([drained, grace.sleep(graceMs)])
    return this.#active.size === 0
  }

  /** `stopClaiming`, then `drain`; what is left is taken up after the next start. */
  async stop(graceMs: number): Promise<void> {
    this.stopClaiming()
    await this.drain(graceMs)
  }

  /** Whether the loop took a turn lately. */
  alive(): boolean {
    return this.#loop !== undefined && performance.now() - this.#lastTurn < aliveMs
  }

  /** The ids of what is worked on now. */
  protected inHand(): Id[] {
    return [...this.#active.keys()]
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const now = this.clock.now()
        const started = await this.#claim(now)
        if (started.length === 0) await this.#wakeSignal.sleep(await this.#sleepMs(now))
      } catch (error) {
        this.claimFailed(error)
        await this.#wakeSignal.sleep(retryMs)
      }
    }
  }

  async #claim(now: number): Promise<Promise<void>[]> {
    this.#lastTurn = performance.now()
    const underWay = [...this.#active.values()].map(({ item }) => item)
    const claimed = await this.claimDue(now, underWay)
    if (this.#stopping.signal.aborted) {
      await this.giveBack(claimed)
      return []
    }
    // A stalled process may claim work that it is still processing: its lease expired unnoticed and now belongs to it
    // again.
    const fresh = claimed.filter((item) => !this.#active.has(this.idOf(item)))
    const started = fresh.map((item) => this.#begin(item, now))
    this.claimed()
    return started
  }

  #begin(item: Item, now: number): Promise<void> {
    const begun = this.begin(item, now)
    if (begun === null) return this.leave(item, now)
    const id = this.idOf(item)
    const work = this.#follow(id, begun)
    this.#active.set(id, { item, work })
    return work
  }

  async #follow(id: Id, { work, end }: Begun): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.workFailed(error, id)
    } finally {
      this.#active.delete(id)
      end()
      // What was due may have been left because every slot was taken.
      this.#wakeSignal.wake()
    }
  }

  async #ended(): Promise<void> {
    await this.#loop
    await Promise.all([...this.#active.values()].map(({ work }) => work))
  }

  async #sleepMs(claimedAt: number): Promise<number> {
    const dueAt = await this.nextDueAt(claimedAt)
    return dueAt === null ? idleMs : Math.max(0, Math.min(idleMs, dueAt - this.clock.now()))
  }
}
