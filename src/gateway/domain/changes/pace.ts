/**
 * Lets through one item per key and interval. What comes sooner waits, replaced by what comes after it, so that the last
 * one always gets through. Instants are ms of one clock that is never set back. Keeps what changed within one interval.
 */
export interface Pace<Item> {
  /** Whether the item may be told at once; if not, it waits. */
  offer(key: string, item: Item, now: number): boolean
  /** What has waited long enough, each of which counts as told now. */
  due(now: number): Item[]
  /** When to ask for what is due; null while there is nothing to remember. */
  nextAt(): number | null
}

export function createPace<Item>(intervalMs: number): Pace<Item> {
  /** In the order in which they were told. */
  const told = new Map<string, { at: number; waiting: Item | null }>()

  function tell(key: string, at: number): void {
    told.delete(key)
    told.set(key, { at, waiting: null })
  }

  return {
    offer(key, item, now) {
      const last = told.get(key)
      // One that waits is told by `due`, also if it is late.
      if (last !== undefined && (last.waiting !== null || now - last.at < intervalMs)) {
        last.waiting = item
        return false
      }
      tell(key, now)
      return true
    },
    due(now) {
      const items: Item[] = []
      for (const [key, { at, waiting }] of told) {
        if (now - at < intervalMs) break
        if (waiting === null) told.delete(key)
        else {
          items.push(waiting)
          tell(key, now)
        }
      }
      return items
    },
    nextAt() {
      const [oldest] = told.values()
      return oldest === undefined ? null : oldest.at + intervalMs
    },
  }
}
