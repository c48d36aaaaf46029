import t from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createCallStore } from '../../src/gateway/storage/accounts/call-store.ts'
import { callStoreContract } from '../contract/call-store.suite.ts'

callStoreContract(t, async (t) => {
  const database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  t.teardown(() => database[Symbol.asyncDispose]())
  return createCallStore(database)
})
