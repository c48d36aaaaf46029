import type { Client } from '../../domain/accounts/client.ts'
import { cancelRow, dryCancel, endedRow } from '../../domain/generation/cancel-outcome.ts'
import type { CancelRow } from '../../domain/generation/cancel-outcome.ts'
import { noMoney } from '../../domain/generation/money.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Logger } from '../../ports/logger.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import { cancelGeneration } from './cancel-generation.ts'
import type { CancelDeps } from './cancel-generation.ts'
import type { CancelManyInput } from './generations.ts'
import { withinReach } from './within-reach.ts'

export type CancelManyDeps = CancelDeps & { audit: Pick<AuditLog, 'append'>; logger: Logger }

/** Written at a time, each in a transaction of its own, so that other writes go in between. */
const atOnce = 25

/**
 * Cancels each as if it were alone, or only looks at it. The audit log has one entry for all, before the first, and one for
 * each that was cancelled.
 */
export async function cancelMany(
  deps: CancelManyDeps,
  client: Client,
  { ids: asked, isDry }: CancelManyInput,
): Promise<CancelRow[]> {
  const ids = [...new Set(asked)]
  if (isDry)
    return each(deps, ids, async (id) => {
      const { generation } = await withinReach(deps.store, client, id)
      return dryCancel(generation, deps.clock.now())
    })
  const audit = { action: 'generations.cancelled', subject: null, data: { count: ids.length } } as const
  await deps.audit.append(auditEntry(deps, { actor: client, ...audit }))
  return each(deps, ids, async (id) => {
    const { generation, isNew } = await cancelGeneration(deps, client, id)
    return isNew ? cancelRow('cancelled', generation, generation) : endedRow(generation)
  })
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
