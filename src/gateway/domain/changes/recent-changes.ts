import type { ResyncReason } from './change.ts'

export interface Numbered<Item> {
  /** Grows with every change, also across restarts. At most 15 digits. */
  seq: number
  item: Item
}

export type ChangesAfter<Item> =
  /** Of each key the newest, oldest first. `upTo`: what to ask for next. */
  { type: 'changes'; changes: Numbered<Item>[]; upTo: number } | { type: ResyncReason; upTo: number }

/**
 * The latest changes, for readers of any pace: each reader keeps one number, and a slow one finds only the newest change of
 * each key.
 */
export interface RecentChanges<Item> {
  /** `now`: ms since the epoch. */
  add(key: string, item: Item, now: number): void
  /** The `seq` of the newest change, or where the numbers start. */
  head(): number
  after(seq: number, limit: number): ChangesAfter<Item>
}

/** Numbers follow the clock, so that those of an earlier process are smaller, and tell nobody how much others do. */
const numbersPerMs = 100

/** `now`: when the process started, in ms since the epoch. Keeps between `kept` and twice as many. */
export function createRecentChanges<Item>(now: number, kept: number): RecentChanges<Item> {
  const start = Math.floor(now * numbersPerMs)
  let entries: Array<Numbered<Item> & { key: string }> = []
  let newest = new Map<string, number>()
  let head = start
  /** The last number that is not remembered any more. */
  let forgotten = start

  function forgetOldest(): void {
    const cut = entries.length - kept
    forgotten = entries[cut - 1]?.seq ?? forgotten
    entries = entries.slice(cut)
    newest = new Map(entries.map(({ key, seq }) => [key, seq]))
  }

  return {
    add(key, item, at) {
      head = Math.max(head + 1, Math.floor(at * numbersPerMs))
      entries.push({ seq: head, key, item })
      newest.set(key, head)
      if (entries.length >= kept * 2) forgetOldest()
    },
    head: () => head,
    after(seq, limit) {
      if (seq < start || seq > head) return { type: 'restarted', upTo: head }
      if (seq < forgotten) return { type: 'missed', upTo: head }
      const changes: Numbered<Item>[] = []
      for (let index = firstAfter(entries, seq); index < entries.length; index++) {
        const entry = entries[index]
        if (entry === undefined || newest.get(entry.key) !== entry.seq) continue
        changes.push({ seq: entry.seq, item: entry.item })
        if (changes.length === limit) return { type: 'changes', changes, upTo: entry.seq }
      }
      return { type: 'changes', changes, upTo: head }
    },
  }
}

/** The index of the first with a higher number. */
function firstAfter(entries: ReadonlyArray<{ seq: number }>, seq: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.seq ?? Infinity) > seq) high = middle
    else low = middle + 1
  }
  return low
}
