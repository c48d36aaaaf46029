/** How much is under way in each pool, and whether more may be. */
export class Slots {
  readonly #limitOf: (pool: string) => number
  readonly #taken = new Map<string, number>()
  /** Pools that somebody was turned away from and that waits in the store since: nobody goes before those. */
  readonly #queued = new Set<string>()

  readonly #total: number
  #takenInAll = 0

  /** `total` bounds all pools together; when it is reached each pool still has its first slot, so that none starves. */
  constructor(limitOf: (pool: string) => number, total = Infinity) {
    this.#limitOf = limitOf
    this.#total = total
  }

  free(pool: string): number {
    const taken = this.#taken.get(pool) ?? 0
    const left = Math.max(this.#total - this.#takenInAll, taken === 0 ? 1 : 0)
    return Math.max(0, Math.min(this.#limitOf(pool) - taken, left))
  }

  take(pool: string): void {
    this.#taken.set(pool, (this.#taken.get(pool) ?? 0) + 1)
    this.#takenInAll += 1
  }

  leave(pool: string): void {
    this.#takenInAll -= 1
    const left = (this.#taken.get(pool) ?? 0) - 1
    if (left > 0) this.#taken.set(pool, left)
    else this.#taken.delete(pool)
  }

  /** Changes one slot for another in a pool where nobody waits; false when there is none, and the old one is kept. */
  move(from: string, to: string): boolean {
    if (from === to) return true
    if (this.#queued.has(to) || this.free(to) === 0) {
      this.#queued.add(to)
      return false
    }
    this.leave(from)
    this.take(to)
    return true
  }

  /** All waiting work of these pools was admitted, or slots are free, so new work does not need to queue. */
  forgetQueued(): void {
    for (const pool of this.#queued) if (this.free(pool) > 0) this.#queued.delete(pool)
  }
}
