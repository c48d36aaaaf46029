/** What a lease is timed by: time that passes in this process (ms), and the wall clock, which also runs while a machine sleeps. */
export interface LeaseTimer {
  monotonic: () => number
  wall: () => number
}

/** Of a lease, while its owner must not count on it any more: clocks of nodes differ, and what is about to leave takes a while. */
export const leaseMarginMs = 5000

/** Whether a lease is still certain to be this process's, as far as that can be told without asking the store. */
export class HeldLease {
  readonly #timer: LeaseTimer
  readonly #leaseMs: number
  #since: Instant

  /** `since`: before the store was asked for the lease. */
  constructor(timer: LeaseTimer, leaseMs: number, since: Instant) {
    this.#timer = timer
    this.#leaseMs = leaseMs
    this.#since = since
  }

  /** False for good once it may have ended: another owner may have had the work since, even if the lease is ours again. */
  isHeld(): boolean {
    const { monotonic, wall } = instantOf(this.#timer)
    const passed = Math.max(monotonic - this.#since.monotonic, wall - this.#since.wall)
    return passed < this.#leaseMs - leaseMarginMs
  }

  /** The store extended it; it was asked at this instant. */
  renewed(askedAt: Instant): void {
    if (this.isHeld()) this.#since = askedAt
  }
}

export interface Instant {
  monotonic: number
  wall: number
}

export function instantOf({ monotonic, wall }: LeaseTimer): Instant {
  return { monotonic: monotonic(), wall: wall() }
}
