import type { Locked } from '../engine/write-options.ts'

/**
 * Where the operations of one transaction wait for each other before they take their late locks. What they sent until then
 * keeps no other transaction waiting.
 */
export class Meeting {
  readonly #lock: () => Promise<unknown>
  readonly #held = Promise.withResolvers<void>()
  #awaited = 0
  #waiting = false
  #open = false
  #done = false

  /** `lock` sends the statement that takes the late locks of all operations. */
  constructor(lock: () => Promise<unknown>) {
    this.#lock = lock
  }

  /** Operations that begin when the locks are held already do not wait. */
  async attend<T>(run: (locked: Locked) => Promise<T>): Promise<T> {
    this.#awaited++
    let isAwaited = true
    const arrive = () => {
      if (isAwaited) this.#awaited--
      isAwaited = false
      this.#take()
    }
    try {
      return await run(() => {
        this.#waiting = true
        arrive()
        return this.#held.promise
      })
    } finally {
      arrive()
    }
  }

  /** All operations that wait for nothing have begun. */
  open(): void {
    this.#open = true
    this.#take()
  }

  #take(): void {
    if (this.#done || !this.#open || !this.#waiting || this.#awaited > 0) return
    this.#done = true
    // Once what runs now has sent its statements. Nobody waits for the answer: what follows runs after it, and fails if it does.
    process.nextTick(() => {
      this.#lock().catch(() => undefined)
      this.#held.resolve()
    })
  }
}
