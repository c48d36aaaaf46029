import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { TenantSettings, TenantStore } from '../../ports/accounts/tenant-store.ts'
import type { Database } from '../engine/database.ts'
import { tenantLock } from '../engine/lock-names.ts'
import type { Schema } from '../schema.ts'
import { prepareAppendAudit } from './audit-log.ts'

const budgetRow = z.object({ monthly_budget_micros: z.number() })

export function createTenantStore({ read, write, budgetless }: Database): TenantStore {
  const append = prepareAppendAudit(read)
  return {
    get: (tenant) => find(read, tenant),
    async names({ after, limit }) {
      const rows = await known(read)
        .$if(after !== null, (query) => query.where('tenant', '>', after))
        .orderBy('tenant')
        .limit(limit)
        .execute()
      return rows.map(({ tenant }) => tenant)
    },
    async has(tenant) {
      return (await known(read).where('tenant', '=', tenant).executeTakeFirst()) !== undefined
    },
    put: (tenant, settings, audit) =>
      write(
        async (transaction) => {
          const before = await find(transaction, tenant)
          if (before.monthlyBudgetMicros === settings.monthlyBudgetMicros) return before
          await store(transaction, tenant, settings)
          await append(transaction, audit(before))
          return before
        },
        { locks: [tenantLock(tenant).change] },
      ).finally(() => budgetless?.changed()),
  }
}

/** `key_open` has a row for each key that ever made a generation. */
function known(db: Kysely<Schema>) {
  const budgets = db.selectFrom('tenant_budgets').select('tenant')
  return db
    .selectFrom(budgets.union(db.selectFrom('key_open').select('tenant')).as('tenants'))
    .select('tenant')
}

async function find(db: Kysely<Schema>, tenant: string): Promise<TenantSettings> {
  const row = await db
    .selectFrom('tenant_budgets')
    .select('monthly_budget_micros')
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  return { monthlyBudgetMicros: row === undefined ? null : budgetRow.parse(row).monthly_budget_micros }
}

async function store(
  transaction: Kysely<Schema>,
  tenant: string,
  { monthlyBudgetMicros }: TenantSettings,
): Promise<void> {
  if (monthlyBudgetMicros === null) {
    await transaction.deleteFrom('tenant_budgets').where('tenant', '=', tenant).execute()
    return
  }
  const set = { monthly_budget_micros: monthlyBudgetMicros }
  await transaction
    .insertInto('tenant_budgets')
    .values({ tenant, ...set })
    .onConflict((conflict) => conflict.column('tenant').doUpdateSet(set))
    .execute()
}
