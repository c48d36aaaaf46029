import { monthStart, nextMonthStart } from '../../domain/accounts/client.ts'
import { observes } from '../../domain/accounts/view.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import { noteFigures } from '../operations/view-audit.ts'
import type { NoteView } from '../operations/view-audit.ts'
import { fillUsage } from './fill-usage.ts'
import type { UsageQuestion, UsageService } from './usage.ts'

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
      const { from, to } = timeOf(question, now)
      const { groupBy } = question
      await noteFigures(deps.noteView, client, { tenant, part: 'usage' })
      const { rows, totals } = await store.usage({ tenant, from, to, groupBy, limit: maxRows + 1 })
      // An hour or a day that has not begun is not empty: nothing is known of it yet.
      const span = { from, to: Math.min(to, now + 1), groupBy, limit: maxRows }
      const all = rows.length > maxRows || !question.fill ? rows : fillUsage(rows, span)
      if (all === null || all.length > maxRows) {
        const detail = `has more than ${maxRows} rows; choose a shorter period or fewer groups`
        throw faulty('#/query/group_by', detail)
      }
      return { tenant, from, to, groupBy, rows: all, totals }
    },
  }
}

function tenantOf(client: Client, { tenant }: UsageQuestion): string | null {
  if (client.scopes.includes('admin') || observes(client)) return tenant
  if (tenant === null || tenant === client.tenant) return client.tenant
  throw new Problem(
    'forbidden',
    'The usage of other tenants requires a key with the scope admin, observe or operate.',
  )
}

/** An end without a beginning takes the month that it ends. */
function timeOf(question: UsageQuestion, now: number): { from: number; to: number } {
  const to = question.to ?? nextMonthStart(now)
  const from = question.from ?? monthStart(question.to === null ? now : to - 1)
  if (from < to) return { from, to }
  throw faulty(question.to === null ? '#/query/from' : '#/query/to', 'must be after the beginning')
}

function faulty(pointer: string, detail: string): Problem {
  return new Problem('validation_failed', `The report ${detail}.`, { faults: [{ pointer, detail }] })
}
