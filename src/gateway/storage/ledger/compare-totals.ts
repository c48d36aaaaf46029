import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { askReader } from '../engine/reader-thread.ts'
import { ledgerDifferences } from '../migrations/totals/totals-triggers.ts'
import { vendorDifferences } from '../migrations/totals/vendor-triggers.ts'

/** The sums that are compared with the attempts, each once. */
export const comparisons = ['attempts', 'vendor_costs'] as const
export type TotalsCheck = (typeof comparisons)[number]

const differences: Record<TotalsCheck, string> = {
  attempts: ledgerDifferences,
  vendor_costs: vendorDifferences,
}

const request = z.object({ comparedFile: z.string(), comparison: z.enum(comparisons) })
const answer = z.object({ n: z.number() })

/** How long reading every attempt may take; a million take a few seconds. */
const TIME_LIMIT_MS = 10 * 60_000

/** How many sums are not those of the attempts. Reads the whole ledger, and so does it in a thread of its own. */
export async function differencesFromLedger(file: string, comparison: TotalsCheck): Promise<number> {
  const asked = { name: 'comparing totals with the attempts', limitMs: TIME_LIMIT_MS }
  return answer.parse(await askReader(import.meta.url, { comparedFile: file, comparison }, asked)).n
}

if (!isMainThread) {
  const asked = request.safeParse(workerData)
  if (asked.success) {
    const { comparedFile, comparison } = asked.data
    using database = new DatabaseSync(comparedFile, { readOnly: true, timeout: 2000 })
    // One statement sees one state of the file.
    parentPort?.postMessage(database.prepare(differences[comparison]).get(), [])
  }
}
