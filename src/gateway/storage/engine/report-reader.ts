import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { giveWay, keepReader } from './reader-thread.ts'
import { StorageError } from './storage-error.ts'

/** A compiled query. */
interface ReportQuery {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Returns the rows of each query, all read from one snapshot. Rejects with a StorageError `busy` on a timeout. */
export type Report = (queries: readonly ReportQuery[]) => Promise<unknown[][]>

/** The longest wait for a report, including the queue. A year of a million attempts takes a few seconds. */
const reportLimits = { limitMs: 60_000, mostWaiting: 16 }

const parameter = z.union([z.string(), z.number(), z.null()])
const rowsOfEach = z.array(z.array(z.unknown()))
const request = z.object({
  file: z.string(),
  queries: z.array(z.object({ sql: z.string(), parameters: z.array(parameter) })),
})

const readsReports = z.object({ readsReports: z.literal(true) })

/** The time for which a thread without reports is kept. */
const idleMs = 30_000

/** Runs reports in their own thread, one after another, so that the event loop stays free and one core is used at most. */
export function createReportReader(
  file: string,
  { limitMs, mostWaiting }: { limitMs: number; mostWaiting: number } = reportLimits,
): Report {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  const ask = keepReader(import.meta.url, { workerData: { readsReports: true }, idleMs })

  return async (queries) => {
    if (waiting >= mostWaiting) throw tooBusy('Too many reports are being created. Try again later.')
    const signal = AbortSignal.timeout(limitMs)
    const read = () =>
      ask(
        { file, queries: queries.map(({ sql, parameters }) => ({ sql, parameters })) },
        { name: 'a report', limitMs, signal },
      )
    waiting++
    const turn = last.then(read).finally(() => waiting--)
    last = turn.catch(() => undefined)
    try {
      return rowsOfEach.parse(await turn)
    } catch (error) {
      throw signal.aborted ? tooBusy('The report took too long. Choose a shorter period.', error) : error
    }
  }
}

function tooBusy(message: string, cause?: unknown): StorageError {
  return new StorageError('busy', message, { cause })
}

/** The file is closed again after each report, so that an idle thread holds nothing. */
function rowsOf({ file, queries }: z.infer<typeof request>): unknown[][] {
  using database = new DatabaseSync(file, { readOnly: true, timeout: 2000 })
  // All queries read from one snapshot.
  database.exec('begin')
  return queries.map(({ sql, parameters }) => database.prepare(sql).all(...parameters))
}

if (!isMainThread && readsReports.safeParse(workerData).success) {
  giveWay()
  parentPort?.on('message', (message) => parentPort?.postMessage(rowsOf(request.parse(message)), []))
}
