/** How much is under way in each lane, and whether more may be. */
export class Places {
  readonly #limitOf: (lane: string) => number
  readonly #taken = new Map<string, number>()
  /** Lanes that somebody was turned away from and that waits in the store since: nobody goes before those. */
  readonly #queued = new Set<string>()

  readonly #total: number
  #takenInAll = 0

  /** `total` bounds all lanes together; when it is reached each lane still has its first place, so that none starves. */
  constructor(limitOf: (lane: string) => number, total = Infinity) {
    this.#limitOf = limitOf
    this.#total = total
  }

  free(lane: string): number {
    const taken = this.#taken.get(lane) ?? 0
    const left = Math.max(this.#total - this.#takenInAll, taken === 0 ? 1 : 0)
    return Math.max(0, Math.min(this.#limitOf(lane) - taken, left))
  }

  take(lane: string): void {
    this.#taken.set(lane, (this.#taken.get(lane) ?? 0) + 1)
    this.#takenInAll += 1
  }

  leave(lane: string): void {
    this.#takenInAll -= 1
    const left = (this.#taken.get(lane) ?? 0) - 1
    if (left > 0) this.#taken.set(lane, left)
    else this.#taken.delete(lane)
  }

  /** Changes one place for another in a lane where nobody waits; false when there is none, and the old one is kept. */
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

  /** Everybody who waited in these lanes was let in, or there was room for more: whoever comes now need not queue. */
  forgetQueued(): void {
    for (const lane of this.#queued) if (this.free(lane) > 0) this.#queued.delete(lane)
  }
}
