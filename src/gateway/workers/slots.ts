/** Work that waits in memory for a slot, and keeps the one that it has meanwhile. */
interface Waiting {
  from: string
  go: (hasMoved: boolean) => void
}

/** After so many slots went to work that waits in memory, what waits in the store is asked for first. */
const handedInARow = 64

/** Counts the work in each pool, and whether there is room for more. */
export class Slots {
  readonly #limitOf: (pool: string) => number
  readonly #taken = new Map<string, number>()
  /** Pools that rejected work which now waits in the store. New work does not overtake it. */
  readonly #queued = new Set<string>()
  readonly #waiting = new Map<string, Waiting[]>()
  /** Of pools where work waits in memory: how many got a slot there since a claim left one free. */
  readonly #handed = new Map<string, number>()

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

  /** Whether what comes now gets a slot before anything else does. */
  isOpen(pool: string): boolean {
    return !this.#queued.has(pool) && !this.#waiting.has(pool) && this.free(pool) > 0
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
    this.#hand(pool)
  }

  /** Moves a slot to a pool where nothing waits; returns false, and keeps the old slot, if there is none. */
  move(from: string, to: string): boolean {
    if (from === to) return true
    if (!this.isOpen(to)) {
      this.#sendToStore(to)
      return false
    }
    this.leave(from)
    this.take(to)
    return true
  }

  /**
   * The same, and waits up to `patienceMs` for a slot, in turn: to wait in the store costs two writes. Once one has waited in vain
   * the pool is slow, and all of its work waits in the store.
   */
  async moveSoon(from: string, to: string, patienceMs: number): Promise<boolean> {
    if (from === to || this.#queued.has(to) || this.isOpen(to)) return this.move(from, to)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const line = this.#waiting.get(to) ?? []
    this.#waiting.set(to, line)
    line.push({ from, go: resolve })
    const timer = setTimeout(() => this.#sendToStore(to), patienceMs)
    return promise.finally(() => clearTimeout(timer))
  }

  /** Call after a claim: a pool that still has free slots has no waiting work left, so new work need not queue there. */
  forgetQueued(): void {
    for (const pool of this.#queued) if (this.free(pool) > 0) this.#queued.delete(pool)
    for (const pool of this.#waiting.keys()) {
      if (this.free(pool) > 0) this.#handed.delete(pool)
      this.#hand(pool)
    }
  }

  /** Slots that became free go to who has waited for the longest. */
  #hand(pool: string): void {
    for (;;) {
      const line = this.#waiting.get(pool)
      const handed = this.#handed.get(pool) ?? 0
      if (line === undefined || handed >= handedInARow || this.free(pool) === 0) return
      const next = line.shift()
      if (line.length === 0) this.#waiting.delete(pool)
      if (next === undefined) return
      this.#handed.set(pool, handed + 1)
      this.take(pool)
      this.leave(next.from)
      next.go(true)
    }
  }

  #sendToStore(pool: string): void {
    this.#queued.add(pool)
    const line = this.#waiting.get(pool) ?? []
    this.#waiting.delete(pool)
    this.#handed.delete(pool)
    for (const { go } of line) go(false)
  }
}
