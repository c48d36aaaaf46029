import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { ledgerDifferences } from './totals-triggers.ts'

const request = z.object({ comparedFile: z.string() })
const answer = z.object({ n: z.number() })

/** How long reading every attempt may take; a million take a few seconds. */
const TIME_LIMIT_MS = 10 * 60_000

/** How many sums are not those of the attempts. Reads the whole ledger, and so does it in a thread of its own. */
export async function differencesFromLedger(file: string): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { comparedFile: file } })
  const outcome = Promise.withResolvers<number>()
  const late = setTimeout(
    () => outcome.reject(new Error('comparing the totals took too long')),
    TIME_LIMIT_MS,
  )
  worker.once('message', (message) => outcome.resolve(answer.parse(message).n))
  worker.once('error', (error) => outcome.reject(error))
  worker.once('exit', () => outcome.reject(new Error('comparing the totals ended without an answer')))
  try {
    return await outcome.promise
  } finally {
    clearTimeout(late)
    await worker.terminate()
  }
}

if (!isMainThread) {
  const asked = request.safeParse(workerData)
  if (asked.success) {
    using database = new DatabaseSync(asked.data.comparedFile, { readOnly: true, timeout: 2000 })
    // One statement sees one state of the file.
    parentPort?.postMessage(database.prepare(ledgerDifferences).get(), [])
  }
}
