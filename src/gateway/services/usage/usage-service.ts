import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import { noteFigures } from '../operations/view-audit.ts'
import type { NoteView } from '../operations/view-audit.ts'
import { faultyReport, tenantOf, timeOf } from './asked-span.ts'
import { fillUsage } from './fill-usage.ts'
import type { UsageService } from './usage.ts'

/** More is not read by anybody, and would hold the gateway up. */
const maxRows = 10_000

export function createUsageService(deps: {
  store: GenerationLedger
  clock: Clock
  noteView: NoteView
}): UsageService {
  const { store, clock } = deps
  return {
    async report(client, question) {
      const tenant = tenantOf(client, question)
      const now = clock.now()
      const { from, to } = timeOf(question, now, '#/query')
      const { groupBy } = question
      await noteFigures(deps.noteView, client, { tenant, part: 'usage' })
      const { rows, totals } = await store.usage({ tenant, from, to, groupBy, limit: maxRows + 1 })
      // An hour or a day that has not begun is not empty: nothing is known of it yet.
      const span = { from, to: Math.min(to, now + 1), groupBy, limit: maxRows }
      const all = rows.length > maxRows || !question.fill ? rows : fillUsage(rows, span)
      if (all === null || all.length > maxRows) {
        const detail = `has more than ${maxRows} rows; choose a shorter period or fewer groups`
        throw faultyReport('#/query/group_by', detail)
      }
      return { tenant, from, to, groupBy, rows: all, totals }
    },
  }
}
