import t from 'tap'
import { createBudgetlessTenants } from '../../src/gateway/storage/ledger/budgetless-tenants.ts'

t.test('a tenant without a budget is known until any budget changes', async (t) => {
  const tenants = createBudgetlessTenants()
  t.notOk(tenants.has('studio'))
  tenants.note('studio', tenants.changes)
  t.ok(tenants.has('studio'))
  tenants.changed()
  t.notOk(tenants.has('studio'))
})

t.test('what was read before a budget changed is not noted', async (t) => {
  const tenants = createBudgetlessTenants()
  const { changes } = tenants
  tenants.changed()
  tenants.note('studio', changes)
  t.notOk(tenants.has('studio'))
})

t.test('more than ten thousand are not remembered', async (t) => {
  const tenants = createBudgetlessTenants()
  for (let count = 0; count <= 10_000; count++) tenants.note(`tenant-${count}`, tenants.changes)
  t.notOk(tenants.has('tenant-0'))
  t.ok(tenants.has('tenant-10000'))
})
