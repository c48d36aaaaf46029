import t from 'tap'
import { openPostgres } from '../../../src/gateway/storage/postgres/open-postgres.ts'
import { statisticsProperty } from '../../storage/statistics-property.ts'
import { usageProperty } from '../../storage/usage-property.ts'
import { postgresDatabases } from '../../postgres/databases.ts'
import { skipsPostgres } from '../../postgres/server.ts'
import { totalsDifferences } from '../../postgres/totals-differences.ts'

t.test('usage and statistics on PostgreSQL', { skip: skipsPostgres() }, async (t) => {
  const { create } = await postgresDatabases(t)
  const open = async () => openPostgres({ url: await create(), connections: 5 })
  usageProperty(t, { open, differences: totalsDifferences, numRuns: 20 })
  statisticsProperty(t, open, 15)
})
