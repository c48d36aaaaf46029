import { CompiledQuery } from 'kysely'
import t from 'tap'
import { failingKinds } from '../../src/gateway/domain/webhooks/failing-delivery.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { failingQuery } from '../../src/gateway/storage/webhooks/failing-deliveries.ts'

t.test('what fails is read from the indexes of what fails, in their order', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  for (const kind of failingKinds) {
    for (const tenant of [null, 'studio']) {
      for (const before of [null, 'dlv_00000000000000000000000000_000001'] as const) {
        const compiled = failingQuery(database.read, { kind, tenant, before, limit: 20 }).compile()
        const explained = CompiledQuery.raw(`explain query plan ${compiled.sql}`, [...compiled.parameters])
        const { rows } = await database.read.executeQuery(explained)
        const plan = JSON.stringify(rows)
        const index = kind === 'retrying' ? 'deliveries_retrying' : 'deliveries_failing'
        t.match(
          plan,
          tenant === null ? `USING INDEX ${index}` : `USING INDEX ${index}_of_tenant`,
          compiled.sql,
        )
        t.notMatch(plan, 'TEMP B-TREE', compiled.sql)
      }
    }
  }
})
