/** Callers wait for a response, so their writes go before those of workers. */
export type WriteQueue = 'callers' | 'workers'

/**
 * A name that operations agree on, such as `key:<tenant>/<key>`. Between two transactions that name the same lock, at
 * most one runs at a time, unless both ask for it `shared`.
 */
export interface Lock {
  readonly name: string
  readonly mode: 'exclusive' | 'shared'
  /** What is looked at and acted on is one statement, so that operations of one transaction need not follow one another. */
  readonly inOneStatement?: boolean
  /** Comes after all others in the order in which locks are taken, so it may also be taken late. */
  readonly last?: boolean
}

export interface WriteOptions {
  readonly queue?: WriteQueue
  /**
   * What the operation looks at before it acts on it. SQLite runs one operation at a time and ignores them. Without
   * this list, the operation takes the exclusive lock `rest`; frequent operations name their own, or none.
   */
  readonly locks?: readonly Lock[]
  /**
   * Asked again after an error, it does what is left to do, as a claim does or a clean-up. So it is not looked up whether it
   * was committed where the server's answer was lost.
   */
  readonly repeatable?: boolean
  /**
   * Locks that others wait for much. They are held from `locked` on, by which the operation has sent everything that needs
   * none of them. All of them are `last` and `inOneStatement`.
   */
  readonly lateLocks?: readonly Lock[]
}

/** Resolves once statements are sent under the late locks of an operation. */
export type Locked = () => Promise<void>

/** For rows that nobody looks at any more. Two nodes that remove the same rows at once are told by the server, and run again. */
export const cleaning: WriteOptions = { queue: 'workers', locks: [], repeatable: true }

const rest: readonly Lock[] = [{ name: 'rest', mode: 'exclusive' }]

export function exclusive(name: string): Lock {
  return { name, mode: 'exclusive' }
}

export function shared(name: string): Lock {
  return { name, mode: 'shared' }
}

export function completeOptions(options: WriteQueue | WriteOptions = {}): Required<WriteOptions> {
  const given = typeof options === 'string' ? { queue: options } : options
  return { queue: 'callers', locks: rest, lateLocks: [], repeatable: false, ...given }
}
