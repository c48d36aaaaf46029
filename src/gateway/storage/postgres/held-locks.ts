import type { Lock } from '../engine/write-options.ts'

/**
 * Which locks are held. What waits for a lock of its own process stays in the queue, instead of taking up a connection
 * with waiting.
 */
export class HeldLocks {
  readonly #holders = new Map<string, { exclusive: number; shared: number }>()

  /** False while one of the locks is held in a way that excludes it. */
  fits(locks: readonly Lock[]): boolean {
    return locks.every(({ name, mode }) => {
      const holders = this.#holders.get(name)
      return holders === undefined || (mode === 'shared' && holders.exclusive === 0)
    })
  }

  add(locks: readonly Lock[]): void {
    for (const { name, mode } of locks) {
      const holders = this.#holders.get(name) ?? { exclusive: 0, shared: 0 }
      holders[mode]++
      this.#holders.set(name, holders)
    }
  }

  remove(locks: readonly Lock[]): void {
    for (const { name, mode } of locks) {
      const holders = this.#holders.get(name)
      if (holders === undefined) continue
      holders[mode]--
      if (holders.exclusive + holders.shared === 0) this.#holders.delete(name)
    }
  }
}

/**
 * The statement that takes locks of a transaction. Every transaction takes its locks in the order of their names, the `last`
 * ones after all others, so that no two wait for each other.
 */
export function lockStatement(locks: readonly Lock[]): string {
  const taken = new Map<string, Lock>()
  for (const lock of locks) if (taken.get(lock.name)?.mode !== 'exclusive') taken.set(lock.name, lock)
  const calls = [...taken.values()]
    .toSorted((a, b) => Number(a.last ?? false) - Number(b.last ?? false) || (a.name < b.name ? -1 : 1))
    .map(({ name, mode }) => {
      const take = mode === 'exclusive' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared'
      return `${take}(hashtextextended(${quoted(name)}, 0))`
    })
  return calls.length === 0 ? '' : `select ${calls.join(', ')}`
}

/** Names hold the names of tenants and keys, so they are quoted, with the form that does not depend on a setting. */
function quoted(name: string): string {
  return `E'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
