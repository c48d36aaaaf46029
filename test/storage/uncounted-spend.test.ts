import t from 'tap'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { spendCapContract } from '../contract/generations/spend-cap.suite.ts'

t.test('spend caps hold while the running totals of an earlier release are not counted', async (t) => {
  spendCapContract(t, async (t) => {
    const database = await openDatabase({ file: ':memory:' })
    t.teardown(() => database.close())
    Object.defineProperty(database.totals, 'usable', { value: false })
    return createGenerationStore(database)
  })
})
