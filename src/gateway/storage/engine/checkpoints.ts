import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import type { SqliteConnection } from './node-sqlite.ts'
import { keepReader } from './reader-thread.ts'

/** Moves what was written from the log (WAL) to the database file, beside the event loop. */
export interface Checkpoints {
  /** To be called after each commit. Where it returns a promise, the next write waits for it; it never rejects. */
  committed: () => Promise<void> | null
  /** Waits for the thread to finish. */
  close: () => Promise<void>
}

/** Of the log, and those of them that are in the database file. A frame is a page of 8 KB. */
interface Frames {
  log: number
  checkpointed: number
}

/** `many`: while writes go on. `last`: writes wait for it, so that the log begins anew. */
const moves = ['many', 'last'] as const
type Move = (typeof moves)[number]

interface Limits {
  /** Commits between two looks at the log. */
  lookEvery: number
  /** Frames that are not in the database file. */
  moveAfter: number
  /** Frames of the log from which on it should begin anew. */
  restartAfter: number
}

/**
 * SQLite moves 1,000 frames by default, within the commit: up to 230 ms were seen, in which the event loop answers nobody. A commit
 * waits for the disk while a thread syncs what it moved, for 30 ms with 500 frames and up to 100 with 2,000.
 */
const byDefault: Limits = { lookEvery: 8, moveAfter: 500, restartAfter: 2000 }
/** 256 MB: the log grows as long as an older snapshot is read, or when the thread fails. Past this, a commit moves it. */
export const framesPastAll = 32_768
const moveMs = 60_000
/**
 * What is left for the last move was written during the one before: a few dozen frames, and two syncs. Where these take longer, the
 * disk is busy, and the log begins anew another time.
 */
const waitMs = 30
const idleMs = 30_000

const found = z.tuple([z.object({ log: z.number(), checkpointed: z.number() })])
const movesFrames = z.object({ movesFrames: z.literal(true) })
const request = z.object({ file: z.string() })

/** `tried`: the frames of the log when each was begun last. */
function dueMove(
  { log, checkpointed }: Frames,
  tried: Record<Move, number>,
  { moveAfter, restartAfter }: Omit<Limits, 'lookEvery'>,
): Move | null {
  const left = log - checkpointed
  if (left >= moveAfter) return log >= tried.many + moveAfter ? 'many' : null
  if (left === 0 || log < restartAfter) return null
  return log >= tried.last + moveAfter ? 'last' : null
}

/** SQLite tells how far a log has been moved since 3.51. Before, the same statement moves it. */
export function canLook(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 51)
}

/** `connection` is the only writer of `file`. https://www.sqlite.org/wal.html */
export function createCheckpoints(
  connection: Pick<SqliteConnection, 'query'>,
  file: string,
  limits: Limits = byDefault,
): Checkpoints {
  const ask = keepReader(import.meta.url, { workerData: { movesFrames: true }, idleMs })
  let commits = 0
  let moving: Promise<void> | null = null
  let isFailing = false
  /** The frames of the log at the last tries. A snapshot that somebody reads, or a fault, may keep them from achieving anything. */
  const tried = { many: 0, last: 0 }
  /** While little was written since a move. */
  let mayBeLast = false

  /** Reads shared memory only. */
  function look(): Frames {
    try {
      return found.parse(connection.query('pragma wal_checkpoint(noop)', []))[0]
    } catch {
      // What is wrong with the file is told to the next one who writes.
      return { log: 0, checkpointed: 0 }
    }
  }

  function move(): Promise<void> {
    moving = ask({ file }, { name: 'moving the log of the database', limitMs: moveMs })
      .then(
        () => (isFailing = false),
        (error: unknown) => {
          // Tried again once the log has grown further.
          if (!isFailing)
            process.emitWarning(new Error('the log of the database could not be moved', { cause: error }))
          isFailing = true
        },
      )
      .then(() => undefined)
      .finally(() => {
        moving = null
        mayBeLast = true
      })
    return moving
  }

  return {
    committed() {
      commits++
      if (moving !== null || (commits % limits.lookEvery !== 0 && !mayBeLast)) return null
      mayBeLast = false
      const frames = look()
      for (const each of moves) tried[each] = Math.min(tried[each], frames.log)
      const due = dueMove(frames, tried, limits)
      if (due === null) return null
      tried[due] = frames.log
      const done = move()
      return due === 'last' ? Promise.race([done, pause(waitMs, undefined, { ref: false })]) : null
    },
    async close() {
      await moving
    },
  }
}

/** Copies what no reader holds back, without waiting for the writer, and syncs both files. */
function moveFrames(file: string): void {
  using database = new DatabaseSync(file, { timeout: 0 })
  database.exec('pragma wal_checkpoint(passive)')
}

if (!isMainThread && movesFrames.safeParse(workerData).success)
  parentPort?.on('message', (message) => {
    moveFrames(request.parse(message).file)
    parentPort?.postMessage('moved', [])
  })
