import t from 'tap'
import { storeContracts } from '../../storage/stores.ts'
import { postgresDatabases } from '../../postgres/databases.ts'
import { skipsPostgres } from '../../postgres/server.ts'

t.test('the queue on PostgreSQL', { skip: skipsPostgres() }, async (t) => {
  const { open } = await postgresDatabases(t)
  storeContracts.queueStores(t, 'on PostgreSQL', open)
})
