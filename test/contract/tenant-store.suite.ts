import type { Test } from 'tap'
import type { AuditLog } from '../../src/gateway/ports/accounts/audit-log.ts'
import type { TenantStore } from '../../src/gateway/ports/accounts/tenant-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { aGeneration, aLogEntry, anAttempt } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'
import { MONTH_START, outcomeTypes, unlimited } from './generations/setup.ts'

export interface TenantStores {
  tenants: TenantStore
  generations: GenerationStorage
  audit: AuditLog
}

const worst = aGeneration().plan.worstCaseCostMicros
const entry = () => anAuditEntry({ action: 'tenant.updated', subject: 'studio' })

function add(
  { generations }: TenantStores,
  overrides: Parameters<typeof aGeneration>[0],
  limits = unlimited,
) {
  return generations.insert(aGeneration(overrides), { entries: [aLogEntry()], idempotency: null, limits })
}

/** What every TenantStore guarantees, and what inserts do with it. */
export function tenantStoreContract(t: Test, make: (t: Test) => Promise<TenantStores>): void {
  t.test('inserts by several keys at the same time never exceed the budget of their tenant', async (t) => {
    const stores = await make(t)
    await stores.tenants.put('studio', { monthlyBudgetMicros: worst * 10 }, entry)
    const keys = ['one', 'two', 'three']
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => add(stores, { key: keys[index % 3]! })),
    )
    t.same(outcomeTypes(outcomes), { inserted: 10, over_tenant_budget: 50 })
    t.same(await add(stores, { key: 'four' }), { type: 'over_tenant_budget', committedMicros: worst * 10 })
    t.equal((await add(stores, { tenant: 'other', key: 'one' })).type, 'inserted', 'another tenant is free')
    t.same(await stores.generations.tenantBudget('studio', MONTH_START), {
      monthlyBudgetMicros: worst * 10,
      committedMicros: worst * 10,
    })
  })

  t.test(
    'a budget counts from when it is set until it is removed, for keys that are known, too',
    async (t) => {
      const stores = await make(t)
      const { tenants, generations } = stores
      const seen = async () =>
        (await generations.tenantBudget('studio', MONTH_START))?.monthlyBudgetMicros ?? null
      t.equal((await add(stores, { key: 'one' })).type, 'inserted')
      t.equal(await seen(), null)
      t.equal(await seen(), null)
      for (const monthlyBudgetMicros of [worst, worst * 1.5]) {
        await tenants.put('studio', { monthlyBudgetMicros }, entry)
        t.equal(await seen(), monthlyBudgetMicros)
        t.equal((await add(stores, { key: 'one' })).type, 'over_tenant_budget')
      }
      await tenants.put('studio', { monthlyBudgetMicros: null }, entry)
      t.equal(await seen(), null)
      t.equal((await add(stores, { key: 'one' })).type, 'inserted')
    },
  )

  t.test('both budgets hold, and that of the key is named where both are exceeded', async (t) => {
    const stores = await make(t)
    await stores.tenants.put('studio', { monthlyBudgetMicros: worst * 2 }, entry)
    const limited = { ...unlimited, monthlyBudgetMicros: worst }
    t.equal((await add(stores, { key: 'one' }, limited)).type, 'inserted')
    t.equal((await add(stores, { key: 'one' }, limited)).type, 'over_budget')
    t.equal((await add(stores, { key: 'two' }, limited)).type, 'inserted')
    t.equal((await add(stores, { key: 'one' }, limited)).type, 'over_budget')
    t.equal((await add(stores, { key: 'three' }, limited)).type, 'over_tenant_budget')
    t.equal((await add(stores, { key: 'three' })).type, 'over_tenant_budget')
  })

  t.test('a tenant has committed what its keys spent in the month and may still spend', async (t) => {
    const stores = await make(t)
    const paid = (key: string, startedAt: number) =>
      add(stores, {
        key,
        status: 'completed',
        attempts: [anAttempt({ startedAt, state: 'succeeded', costState: 'settled', costMicros: 5 })],
      })
    await paid('one', MONTH_START)
    await paid('two', MONTH_START)
    await paid('two', MONTH_START - 1)
    await add(stores, { key: 'three' })
    t.equal(await stores.generations.tenantBudget('studio', MONTH_START), null, 'without a budget')
    await stores.tenants.put('studio', { monthlyBudgetMicros: 7 }, entry)
    t.same(await stores.generations.tenantBudget('studio', MONTH_START), {
      monthlyBudgetMicros: 7,
      committedMicros: worst + 10,
    })
  })

  t.test('a budget is set, changed and removed, each with one entry in the audit log', async (t) => {
    const { tenants, audit } = await make(t)
    t.same(await tenants.get('studio'), { monthlyBudgetMicros: null })
    for (const monthlyBudgetMicros of [5, 5, 0, null, null]) {
      await tenants.put('studio', { monthlyBudgetMicros }, entry)
      t.same(await tenants.get('studio'), { monthlyBudgetMicros })
    }
    const none = { tenant: null, key: null, action: null, from: null, to: null, before: null }
    t.equal((await audit.list({ ...none, subject: 'studio', limit: 10 })).length, 3)
  })

  t.test('tenants with a budget or work are named in order, each once', async (t) => {
    const stores = await make(t)
    await stores.tenants.put('studio', { monthlyBudgetMicros: 1_000_000_000 }, entry)
    await stores.tenants.put('bank', { monthlyBudgetMicros: 0 }, entry)
    for (const key of ['one', 'two']) await add(stores, { key })
    await add(stores, { tenant: 'Zoo' })
    t.same(await stores.tenants.names({ after: null, limit: 9 }), ['Zoo', 'bank', 'studio'])
    t.same(await stores.tenants.names({ after: 'Zoo', limit: 1 }), ['bank'])
    t.same([await stores.tenants.has('Zoo'), await stores.tenants.has('nobody')], [true, false])
  })
}
