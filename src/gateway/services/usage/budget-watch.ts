import type { BudgetOwner } from '../../domain/accounts/budget.ts'
import { monthStart } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { NearBudget } from '../../ports/generations/generation-store.ts'
import type { Logger } from '../../ports/logger.ts'
import { auditEntry } from '../accounts/audit-entry.ts'

/** Tells the audit log how far a key or a tenant has come with its month, each thing once a month and budget. */
export interface BudgetWatch {
  /** What to tell with an insert that brings the key to four fifths; null without a budget. */
  nearBudget(client: Client): NearBudget | null
  /** The same of the tenant, which has this budget. */
  nearTenantBudget(client: Client, monthlyBudgetMicros: number): NearBudget
  /** A request was refused because of this budget. */
  exhausted(client: Client, owner: BudgetOwner): Promise<void>
}

const nearShare = 0.8

interface Told {
  client: Client
  owner: BudgetOwner
  action: 'budget.at_80_percent' | 'budget.exhausted'
  monthlyBudgetMicros: number | null
}

export function createBudgetWatch(deps: {
  store: Pick<GenerationLedger, 'tenantBudget'>
  audit: AuditLog
  ids: Ids
  clock: Clock
  logger: Logger
}): BudgetWatch {
  const { store, audit, clock, logger } = deps
  /** What was told last, by key or tenant: a caller who goes on asking does not cost a write each time. */
  const told = new Map<string, string>()

  function entryOf({ client, owner, action, monthlyBudgetMicros }: Told) {
    const month = new Date(monthStart(clock.now())).toISOString().slice(0, 7)
    const data = { month, budget: owner, budget_micros: monthlyBudgetMicros }
    const whose = owner === 'key' ? [client.tenant, client.key] : [client.tenant]
    const subject = owner === 'key' ? client.keyId : client.tenant
    const once = [action, ...whose, month, monthlyBudgetMicros].join(' ')
    return { ...auditEntry(deps, { actor: client, action, subject, data }), once }
  }

  function near(client: Client, owner: BudgetOwner, monthlyBudgetMicros: number): NearBudget {
    const entry = entryOf({ client, owner, action: 'budget.at_80_percent', monthlyBudgetMicros })
    return { atMicros: Math.ceil(monthlyBudgetMicros * nearShare), entry }
  }

  async function budgetOf(client: Client, owner: BudgetOwner): Promise<number | null> {
    if (owner === 'key') return client.monthlyBudgetMicros
    const budget = await store.tenantBudget(client.tenant, monthStart(clock.now()))
    return budget && budget.monthlyBudgetMicros
  }

  return {
    nearBudget(client) {
      const budget = client.monthlyBudgetMicros
      return budget === null ? null : near(client, 'key', budget)
    },
    nearTenantBudget: (client, budget) => near(client, 'tenant', budget),
    async exhausted(client, owner) {
      const whose = owner === 'key' ? `${client.tenant} ${client.key}` : client.tenant
      try {
        const monthlyBudgetMicros = await budgetOf(client, owner)
        const entry = entryOf({ client, owner, action: 'budget.exhausted', monthlyBudgetMicros })
        if (told.get(whose) === entry.once) return
        await audit.append(entry)
        told.set(whose, entry.once)
      } catch (error) {
        // The caller is refused for the budget, not for a full disk; the next refusal tells it.
        logger.error({ err: error, key: client.key }, 'failed to record an exhausted budget in the audit log')
      }
    },
  }
}
