import { Problem } from '../../domain/problem.ts'

/** The maximum number of slots that may be taken at the same time. */
export interface SlotBounds {
  perKey: number
  overall: number
}

export interface OpenSlots {
  /** How many are taken now. */
  count(): number
  /** Takes a slot until `signal` aborts; throws `too_many_in_flight` or `overloaded` if none is free. */
  take(key: string, signal: AbortSignal): void
}

/** Counts requests that stay open, per key and in total: each holds a connection and a timer. `what`: a plural. */
export function createOpenSlots({ perKey, overall }: SlotBounds, what: string): OpenSlots {
  const open = new Map<string, number>()
  let all = 0

  function giveBack(key: string): void {
    all--
    const left = (open.get(key) ?? 1) - 1
    if (left === 0) open.delete(key)
    else open.set(key, left)
  }

  return {
    count: () => all,
    take(key, signal) {
      if (signal.aborted) return
      const count = open.get(key) ?? 0
      if (count >= perKey) {
        throw new Problem(
          'too_many_in_flight',
          `This key has ${perKey} ${what} open, which is the limit. Close one, or try again later.`,
        )
      }
      if (all >= overall)
        throw new Problem('overloaded', `The limit of open ${what} is reached. Try again later.`)
      all++
      open.set(key, count + 1)
      signal.addEventListener('abort', () => giveBack(key), { once: true })
    },
  }
}
