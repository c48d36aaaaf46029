/** A pool and the earliest instant at which something in it is due (ms since the epoch), claimed or not. */
export interface WaitingPool {
  pool: string
  dueAt: number
}

/** How many a claim takes from a pool at most. */
export interface PoolShare {
  pool: string
  most: number
}

/**
 * Divides a claim of `limit` among the pools in which something is due, so that a long queue in one does not delay the others: as
 * equally as their free slots allow. With more pools than `limit` some get nothing, so each claim begins after the pool at which
 * the one before ended (`after`). `pools` are in the order of their names.
 */
export function poolShares(
  pools: readonly WaitingPool[],
  { now, limit, after, free }: { now: number; limit: number; after: string; free: (pool: string) => number },
): PoolShare[] {
  const due = pools.filter(({ dueAt }) => dueAt <= now)
  const next = due.findIndex(({ pool }) => pool > after)
  const inTurn = next === -1 ? due : [...due.slice(next), ...due.slice(0, next)]
  let open = inTurn.map(({ pool }) => ({ pool, room: free(pool), most: 0 }))
  const shares = open
  let left = limit
  for (;;) {
    open = open.filter(({ room, most }) => most < room)
    if (left <= 0 || open.length === 0)
      return shares.flatMap(({ pool, most }) => (most > 0 ? [{ pool, most }] : []))
    const equal = Math.max(1, Math.floor(left / open.length))
    for (const each of open) {
      const more = Math.min(equal, each.room - each.most, left)
      each.most += more
      left -= more
    }
  }
}
