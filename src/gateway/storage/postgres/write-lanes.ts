import type { Kysely } from 'kysely'
import { StorageError } from '../engine/storage-error.ts'
import {
  completeOptions,
  type Lock,
  type Locked,
  type WriteOptions,
  type WriteQueue,
} from '../engine/write-options.ts'
import { HeldLocks } from './held-locks.ts'

/** A group holds the locks of all its operations until it is committed. */
const OPERATIONS_PER_TRANSACTION = 32
/** Worker operations in one transaction while callers wait. */
const WORKER_OPERATIONS_BESIDE_CALLERS = 8
const MAX_QUEUED = 10_000
/** How far a lane looks for operations whose locks are free. */
const LOOKED_AT = 1000

export interface Queued<Tables> {
  /** All of its locks, and those of them that it takes late. */
  readonly locks: readonly Lock[]
  readonly lateLocks: readonly Lock[]
  readonly repeatable: boolean
  /** Resolves to the function that notifies the caller. Call it only after the commit. May be run again before that. */
  readonly run: (transaction: Kysely<Tables>, locked: Locked) => Promise<() => void>
  readonly reject: (error: unknown) => void
}

type Waiting<Tables> = Queued<Tables> & { readonly late: NodeJS.Timeout }
type Queues<Tables> = Record<WriteQueue, Set<Waiting<Tables>>>

interface WriteLanes<Tables> {
  write: <T>(
    operation: (transaction: Kysely<Tables>, locked: Locked) => Promise<T>,
    options?: WriteQueue | WriteOptions,
  ) => Promise<T>
  /** Rejects new writes and waits for those already queued. */
  drain: () => Promise<void>
}

/**
 * Runs operations in a few transactions at a time, callers before workers. Operations that wait together share a
 * transaction and its commit. `runGroup` settles each of them and never rejects.
 */
export function createWriteLanes<Tables>(of: {
  lanes: number
  longestWaitMs: number
  maxQueued?: number
  runGroup: (group: ReadonlyArray<Queued<Tables>>) => Promise<void>
}): WriteLanes<Tables> {
  const { lanes, longestWaitMs, maxQueued = MAX_QUEUED, runGroup } = of
  const queues: Queues<Tables> = { callers: new Set(), workers: new Set() }
  const held = new HeldLocks()
  const drained = Promise.withResolvers<void>()
  let running = 0
  let draining = false
  let scheduled = false

  const queued = (): number => queues.callers.size + queues.workers.size

  async function work(group: Array<Waiting<Tables>>): Promise<void> {
    const locks = group.flatMap((each) => each.locks)
    held.add(locks)
    running++
    await runGroup(group)
    running--
    held.remove(locks)
    start()
  }

  function start(): void {
    while (running < lanes && queued() > 0) {
      // The lanes that are free share what waits.
      const share = Math.ceil(queued() / (lanes - running))
      const group = nextGroup(queues, held, Math.min(OPERATIONS_PER_TRANSACTION, share))
      if (group.length === 0) break
      void work(group)
    }
    if (draining && running === 0 && queued() === 0) drained.resolve()
  }

  /** After the turn of the event loop, so that what is asked in one turn shares transactions. */
  function startSoon(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      start()
    })
  }

  function refusal(): StorageError | null {
    if (draining) return new StorageError('closed', 'the storage is shutting down')
    if (queued() < maxQueued) return null
    return new StorageError('busy', `the limit of ${maxQueued} queued writes is reached`)
  }

  return {
    write(operation, options) {
      const refused = refusal()
      if (refused !== null) return Promise.reject(refused)
      const { queue, ...asked } = completeOptions(options)
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          queues[queue].delete(waiting)
          reject(new StorageError('busy', `the write waited for ${longestWaitMs} ms; nothing was written`))
          start()
        }, longestWaitMs)
        const run: Queued<Tables>['run'] = async (transaction, locked) => {
          const value = await operation(transaction, locked)
          return () => resolve(value)
        }
        const waiting: Waiting<Tables> = { ...asked, locks: locksOf(asked), run, reject, late }
        queues[queue].add(waiting)
        startSoon()
      })
    },
    drain() {
      draining = true
      start()
      return drained.promise
    },
  }
}

function locksOf({ locks, lateLocks }: Pick<Queued<unknown>, 'locks' | 'lateLocks'>): readonly Lock[] {
  return [...locks, ...lateLocks]
}

function nextGroup<Tables>(
  { callers, workers }: Queues<Tables>,
  held: HeldLocks,
  most: number,
): Array<Waiting<Tables>> {
  const own = new HeldLocks()
  const first = take(callers, { held, own, most })
  const room = first.length > 0 ? Math.min(WORKER_OPERATIONS_BESIDE_CALLERS, most) : most
  return [...first, ...take(workers, { held, own, most: room })]
}

/**
 * The oldest operations whose locks no other lane holds. What has a lock in common with the group goes with it, because
 * it could not run beside it. Nothing overtakes an operation that waits for the same lock.
 */
function take<Tables>(
  queue: Set<Waiting<Tables>>,
  { held, own, most }: { held: HeldLocks; own: HeldLocks; most: number },
): Array<Waiting<Tables>> {
  const group: Array<Waiting<Tables>> = []
  const passed = new HeldLocks()
  let lookedAt = 0
  for (const waiting of queue) {
    if (group.length >= OPERATIONS_PER_TRANSACTION || lookedAt++ >= LOOKED_AT) break
    const { locks } = waiting
    const free = held.fits(locks) && passed.fits(locks)
    if (free && (group.length < most || !own.fits(locks))) {
      queue.delete(waiting)
      clearTimeout(waiting.late)
      own.add(locks)
      group.push(waiting)
    } else passed.add(locks)
  }
  return group
}
