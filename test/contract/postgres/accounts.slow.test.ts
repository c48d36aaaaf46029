import t from 'tap'
import { storeContracts } from '../../storage/stores.ts'
import { postgresDatabases } from '../../postgres/databases.ts'
import { skipsPostgres } from '../../postgres/server.ts'

t.test('accounts on PostgreSQL', { skip: skipsPostgres() }, async (t) => {
  const { open } = await postgresDatabases(t)
  storeContracts.accountStores(t, 'on PostgreSQL', open)
})
