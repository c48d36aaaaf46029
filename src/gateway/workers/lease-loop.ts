import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { WakeSignal } from './wake-signal.ts'

export interface LeaseLoopDeps {
  clock: Clock
  logger: Logger
  /** Aborted by `stopClaiming`; work on an item starts nothing new afterwards. */
  stopping: AbortController
}

/** Work on one claimed item. */
export interface Begun {
  work: () => Promise<void>
  /** Called when the work has ended, successfully or not. */
  end: () => void
}

/** The longest sleep: how late a missed wake-up is noticed at most. */
const idleMs = 1000
/** The delay after a storage error, so that a full disk does not cause a busy loop. */
const retryMs = 1000
const aliveMs = 15_000

/** Claims due items, works on them under a lease, and sleeps until more are due. Subclasses define the items. */
export abstract class LeaseLoop<Id extends string, Item> {
  protected readonly clock: Clock
  protected readonly logger: Logger
  readonly #stopping: AbortController
  readonly #active = new Map<Id, { item: Item; work: Promise<void> }>()
  readonly #wakeSignal = new WakeSignal()
  #loop: Promise<void> | undefined
  #lastTurn = 0
  /** Nothing that there is a slot for is due before this, as far as this process knows; -Infinity: something may be due now. */
  #restsUntil = -Infinity
  /** An item may have become due, and the loop has not begun to look since. */
  #isNudged = false

  constructor({ clock, logger, stopping }: LeaseLoopDeps) {
    this.clock = clock
    this.logger = logger
    this.#stopping = stopping
  }

  protected abstract idOf(item: Item): Id
  /** Claims due items for which there is a slot. `underWay`: the items that are being worked on already. */
  protected abstract claimDue(now: number, underWay: Item[]): Promise<Item[]>
  /** Starts work on a claimed item; null if there is no slot for it. */
  protected abstract begin(item: Item, now: number): Begun | null
  /** Releases an item that was claimed but not worked on. */
  protected abstract leave(item: Item, now: number): Promise<void>
  /** Releases items that were claimed while the loop was being stopped. */
  protected abstract giveBack(items: Item[]): Promise<void>
  protected abstract nextDueAt(claimedAt: number): Promise<number | null>
  protected abstract claimFailed(error: unknown): void
  protected abstract workFailed(error: unknown, id: Id): void
  /** Called once all items of one claim were started. */
  protected claimed(): void {}

  /** Claims due items and works on them to the end; returns the number of items. Tests step with this. */
  async tick(): Promise<number> {
    const started = await this.#claim(this.clock.now())
    await Promise.all(started)
    return started.length
  }

  /** Claims items whenever they are due, until `stop`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Wakes the loop: an item may be due. */
  nudge(): void {
    this.#isNudged = true
    this.#wakeSignal.wake()
  }

  /** Stops claiming. Running work continues; `stopping` tells it to start nothing new. */
  stopClaiming(): void {
    this.#stopping.abort()
    this.#wakeSignal.wake()
  }

  /** Waits up to `graceMs` for running work; true if all of it ended. */
  async drain(graceMs: number): Promise<boolean> {
    const grace = new WakeSignal()
    const drained = this.#ended().then(() => grace.wake())
    await Promise.race([drained, grace.sleep(graceMs)])
    return this.#active.size === 0
  }

  /** `stopClaiming`, then `drain`. Anything left continues after the next start. */
  async stop(graceMs: number): Promise<void> {
    this.stopClaiming()
    await this.drain(graceMs)
  }

  /** Whether the loop has run recently. */
  alive(): boolean {
    return this.#loop !== undefined && performance.now() - this.#lastTurn < aliveMs
  }

  /** Called when work has ended: whether due items may have been left because there was no slot for them. */
  protected mayHaveLeft(): boolean {
    return true
  }

  /** True while nothing is due that there is a slot for, as far as this process knows, and the loop runs. */
  protected isResting(now: number): boolean {
    return !this.#isNudged && now < this.#restsUntil && !this.#stopping.signal.aborted
  }

  /** The ids of the items being worked on. */
  protected inHand(): Id[] {
    return [...this.#active.keys()]
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const now = this.clock.now()
        const started = await this.#claim(now)
        if (started.length === 0) await this.#rest(now)
      } catch (error) {
        this.#restsUntil = -Infinity
        this.claimFailed(error)
        await this.#wakeSignal.sleep(retryMs)
      }
    }
  }

  async #claim(now: number): Promise<Promise<void>[]> {
    this.#lastTurn = performance.now()
    if (this.#isNudged) this.#restsUntil = -Infinity
    this.#isNudged = false
    const underWay = [...this.#active.values()].map(({ item }) => item)
    const claimed = await this.claimDue(now, underWay)
    if (this.#stopping.signal.aborted) {
      await this.giveBack(claimed)
      return []
    }
    if (claimed.length > 0) this.#restsUntil = -Infinity
    // A stalled process may claim an item that it is still working on, because its own lease expired meanwhile.
    const fresh = claimed.filter((item) => !this.#active.has(this.idOf(item)))
    const started = fresh.map((item) => this.#begin(item, now))
    this.claimed()
    return started
  }

  #begin(item: Item, now: number): Promise<void> {
    const begun = this.begin(item, now)
    // The loop does not wait for it, so a rejection would end the process.
    if (begun === null)
      return this.leave(item, now).catch((error: unknown) => this.workFailed(error, this.idOf(item)))
    return this.undertake(item, begun)
  }

  /** Works on an item under its lease. Does not reject. */
  protected undertake(item: Item, begun: Begun): Promise<void> {
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
      if (this.mayHaveLeft()) this.#isNudged = true
      this.#wakeSignal.wake()
    }
  }

  async #ended(): Promise<void> {
    await this.#loop
    await Promise.all([...this.#active.values()].map(({ work }) => work))
  }

  async #rest(claimedAt: number): Promise<void> {
    const dueAt = await this.nextDueAt(claimedAt)
    this.#restsUntil = dueAt ?? Infinity
    const ms = dueAt === null ? idleMs : Math.max(0, Math.min(idleMs, dueAt - this.clock.now()))
    await this.#wakeSignal.sleep(ms)
  }
}
