import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { askReader, giveWay } from '../engine/reader-thread.ts'
import { ledgerDifferences } from '../migrations/totals/totals-triggers.ts'
import { vendorDifferences } from '../migrations/totals/list-price-triggers.ts'

/** Totals that are compared with the attempts. */
export const comparisons = ['attempts', 'vendor_costs'] as const
export type TotalsCheck = (typeof comparisons)[number]

const differences: Record<TotalsCheck, string> = {
  attempts: ledgerDifferences,
  vendor_costs: vendorDifferences,
}

const request = z.object({ comparedFile: z.string(), comparison: z.enum(comparisons) })
const answer = z.object({ n: z.number() })

/** The time limit for reading every attempt. A million take a few seconds. */
const TIME_LIMIT_MS = 10 * 60_000

/** Returns how many totals differ from the attempts. Reads the whole ledger, in a separate thread. */
export async function differencesFromLedger(file: string, comparison: TotalsCheck): Promise<number> {
  const asked = { name: 'comparing totals with the attempts', limitMs: TIME_LIMIT_MS }
  return answer.parse(await askReader(import.meta.url, { comparedFile: file, comparison }, asked)).n
}

if (!isMainThread) {
  const asked = request.safeParse(workerData)
  if (asked.success) {
    giveWay()
    const { comparedFile, comparison } = asked.data
    using database = new DatabaseSync(comparedFile, { readOnly: true, timeout: 2000 })
    // A single statement reads from one snapshot.
    parentPort?.postMessage(database.prepare(differences[comparison]).get(), [])
  }
}
