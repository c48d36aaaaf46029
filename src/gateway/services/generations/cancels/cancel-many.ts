import type { Client } from '../../../domain/accounts/client.ts'
import { cancelRow, dryCancel, endedRow } from '../../../domain/steering/cancel-outcome.ts'
import type { CancelRow } from '../../../domain/steering/cancel-outcome.ts'
import { matchesFilter } from '../../../domain/generation/search/generation-filter.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import { noMoney } from '../../../domain/generation/money.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { AuditLog } from '../../../ports/accounts/audit-log.ts'
import type { Logger } from '../../../ports/logger.ts'
import { auditEntry } from '../../accounts/audit-entry.ts'
import { cancelGeneration } from './cancel-generation.ts'
import type { CancelDeps } from './cancel-generation.ts'
import type { CancelManyInput } from '../generations.ts'
import { conditionsOf, openMatches } from './open-matches.ts'
import type { OpenMatchesDeps } from './open-matches.ts'
import { withinReach } from '../within-reach.ts'

export type CancelManyDeps = CancelDeps &
  OpenMatchesDeps & { audit: Pick<AuditLog, 'append'>; logger: Logger }

/** Written at a time, each in a transaction of its own, so that other writes go in between. */
const atOnce = 25

/**
 * Cancels each as if it were alone, or only looks at it. The audit log has one entry for all, before the first, and one for
 * each that was cancelled.
 */
export async function cancelMany(
  deps: CancelManyDeps,
  client: Client,
  { which, isDry }: CancelManyInput,
): Promise<CancelRow[]> {
  const ids = which.type === 'ids' ? [...new Set(which.ids)] : await openMatches(deps, client, which.filter)
  if (isDry)
    return each(deps, ids, async (id) => {
      const { generation } = await withinReach(deps.store, client, id)
      return dryCancel(generation, deps.clock.now())
    })
  if (which.type === 'filter') checkCount(ids.length, which.expected ?? 0)
  const filter = which.type === 'filter' ? { filter: conditionsOf(which.filter) } : {}
  const data = { count: ids.length, ...filter }
  const audit = { action: 'generations.cancelled', subject: null, data } as const
  await deps.audit.append(auditEntry(deps, { actor: client, ...audit }))
  const isMeant = (generation: Generation): boolean =>
    // A character of a request never changes.
    which.type === 'ids' || matchesFilter(generation, { ...which.filter, character: null }, deps.clock.now())
  return each(deps, ids, async (id) => {
    const { generation, what } = await cancelGeneration(deps, client, id, isMeant)
    if (what === 'ended') return endedRow(generation)
    return cancelRow(what === 'spared' ? 'no_longer_matching' : 'cancelled', generation, generation)
  })
}

function checkCount(matched: number, expected: number): void {
  if (matched <= expected) return
  throw new Problem(
    'conflict',
    `${matched} generations match now, more than the expected ${expected}. Nothing was cancelled. Look at them with dry_run, and repeat with the new count.`,
    { extra: { matched, expected } },
  )
}

async function each(
  { logger }: CancelManyDeps,
  ids: readonly GenerationId[],
  act: (id: GenerationId) => Promise<CancelRow>,
): Promise<CancelRow[]> {
  const rows: CancelRow[] = []
  for (let from = 0; from < ids.length; from += atOnce) {
    const batch = ids.slice(from, from + atOnce)
    const one = (id: GenerationId): Promise<CancelRow> =>
      act(id).catch((error: unknown) => {
        if (!(error instanceof Problem))
          logger.warn({ err: error, generation: id }, 'failed to cancel a generation')
        return failed(id, error)
      })
    rows.push(...(await Promise.all(batch.map(one))))
  }
  return rows
}

/** One that fails keeps none of the others from being cancelled. */
function failed(id: GenerationId, error: unknown): CancelRow {
  const isAbsent = error instanceof Problem && error.code === 'not_found'
  return {
    id,
    outcome: isAbsent ? 'not_found' : 'not_cancelled',
    tenant: null,
    status: null,
    sent: 0,
    money: noMoney,
  }
}
