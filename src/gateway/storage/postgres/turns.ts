import type { Lock } from '../engine/write-options.ts'

/**
 * Operations of one transaction send their statements without waiting for each other, which saves most of the round trips.
 * Those with a lock in common take turns, in their order, because each looks at what the one before it did.
 */
export class Turns {
  /** For each lock, what was started under it since the last operation that had it alone. */
  readonly #started = new Map<
    string,
    { kind: string; running: Array<Promise<unknown>>; before: Promise<unknown> | null }
  >()

  async take<T>(locks: readonly Lock[], run: () => Promise<T>): Promise<T> {
    const done = Promise.withResolvers<void>()
    const before = locks.map((lock) => this.#enter(lock, done.promise)).filter((each) => each !== null)
    // Without anything to wait for, the statements are sent in the order in which the operations were asked for.
    if (before.length > 0) await Promise.all(before)
    try {
      return await run()
    } finally {
      done.resolve()
    }
  }

  /** What to wait for; null if nothing. */
  #enter(lock: Lock, done: Promise<void>): Promise<unknown> | null {
    const kind = kindOf(lock)
    const last = this.#started.get(lock.name)
    if (last !== undefined && kind !== 'alone' && last.kind === kind) {
      last.running.push(done)
      return last.before
    }
    const before = last === undefined ? null : Promise.all([last.before, ...last.running])
    this.#started.set(lock.name, { kind, running: [done], before })
    return before
  }
}

function kindOf({ mode, inOneStatement = false }: Lock): 'shared' | 'in one statement' | 'alone' {
  if (mode === 'shared') return 'shared'
  return inOneStatement ? 'in one statement' : 'alone'
}
