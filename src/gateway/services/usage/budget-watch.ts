import { monthStart } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { InsertAudit } from '../../ports/generations/generation-store.ts'
import type { Logger } from '../../ports/logger.ts'
import { auditEntry } from '../accounts/audit-entry.ts'

/** Tells the audit log how far a key has come with its month, each thing once a month and budget. */
export interface BudgetWatch {
  /** What to tell with an insert that brings the key to four fifths; null without a budget. */
  nearBudget(client: Client): InsertAudit['nearBudget']
  /** A request was refused because of the budget. */
  exhausted(client: Client): Promise<void>
}

const nearShare = 0.8

export function createBudgetWatch(deps: {
  audit: AuditLog
  ids: Ids
  clock: Clock
  logger: Logger
}): BudgetWatch {
  const { audit, clock, logger } = deps
  /** What was told last, by key: a caller who goes on asking does not cost a write each time. */
  const told = new Map<string, string>()

  function entryOf(client: Client, action: 'budget.at_80_percent' | 'budget.exhausted', month: number) {
    const name = new Date(month).toISOString().slice(0, 7)
    const data = { month: name, budget_micros: client.monthlyBudgetMicros }
    const once = [action, client.tenant, client.key, name, client.monthlyBudgetMicros].join(' ')
    return { ...auditEntry(deps, { actor: client, action, subject: client.keyId, data }), once }
  }

  return {
    nearBudget(client) {
      const budget = client.monthlyBudgetMicros
      if (budget === null) return null
      const entry = entryOf(client, 'budget.at_80_percent', monthStart(clock.now()))
      return { atMicros: Math.ceil(budget * nearShare), entry }
    },
    async exhausted(client) {
      const entry = entryOf(client, 'budget.exhausted', monthStart(clock.now()))
      const key = `${client.tenant} ${client.key}`
      if (told.get(key) === entry.once) return
      try {
        await audit.append(entry)
        told.set(key, entry.once)
      } catch (error) {
        // The caller is refused for the budget, not for a full disk; the next refusal tells it.
        logger.error({ err: error, key: client.key }, 'failed to record an exhausted budget in the audit log')
      }
    },
  }
}
