import type { ResyncReason } from './change.ts'

export interface Numbered<Item> {
  /** Grows with every change, also across restarts. A whole number below 2^53. */
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
  /** Changes were missed: whoever read up to here is told so. */
  skip(now: number): void
}

/** Numbers follow the clock, so that those of an earlier process are smaller, and tell nobody how much others do. */
export interface Numbering {
  perMs: number
  /** Between two numbers that follow one another. */
  step: number
  /** The remainder of all numbers of one process, by which it knows that a number is its own. */
  remainder: number
}

/** Of the only process. */
export const ownNumbering: Numbering = { perMs: 100, step: 1, remainder: 0 }

const nodes = 512

/**
 * Of one of several nodes. `node` counts the starts of all nodes: two that run at the same time differ, unless 512 started
 * between them.
 */
export function nodeNumbering(node: number): Numbering {
  return { perMs: 4, step: nodes, remainder: node % nodes }
}

/** `now`: when the process started, in ms since the epoch. Keeps between `kept` and twice as many. */
export function createRecentChanges<Item>(
  now: number,
  kept: number,
  { perMs, step, remainder }: Numbering = ownNumbering,
): RecentChanges<Item> {
  const numberAt = (at: number): number => Math.floor(at * perMs) * step + remainder
  const start = numberAt(now)
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
      head = Math.max(head + step, numberAt(at))
      entries.push({ seq: head, key, item })
      newest.set(key, head)
      if (entries.length >= kept * 2) forgetOldest()
    },
    head: () => head,
    skip(at) {
      head = Math.max(head + step, numberAt(at))
      forgotten = head
      entries = []
      newest = new Map()
    },
    after(seq, limit) {
      if (seq < start || seq > head || seq % step !== remainder) return { type: 'restarted', upTo: head }
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
