/** Counts the work in each pool, and whether there is room for more. */
export class Slots {
  readonly #limitOf: (pool: string) => number
  readonly #taken = new Map<string, number>()
  /** Pools that rejected work which now waits in the store. New work does not overtake it. */
  readonly #queued = new Set<string>()

  readonly #total: number
  #takenInAll = 0

  /** `total` limits all pools together. When it is reached, each pool still gets its first slot, so that none starves. */
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

  /** Moves a slot to a pool where nothing waits; returns false, and keeps the old slot, if there is none. */
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

  /** Call after a claim: a pool that still has free slots has no waiting work left, so new work need not queue there. */
  forgetQueued(): void {
    for (const pool of this.#queued) if (this.free(pool) > 0) this.#queued.delete(pool)
  }
}
