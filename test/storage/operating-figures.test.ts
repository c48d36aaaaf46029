import { CompiledQuery } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { operatingQueries } from '../../src/gateway/storage/ledger/read-operating-figures.ts'

t.test('figures of what is open are read from indexes, without a look at what has ended', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const plans: string[] = []
  for (const query of operatingQueries(Date.UTC(2026, 10, 1), true)) {
    const { sql, parameters } = query.compile(database.read)
    const explained = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
    plans.push(JSON.stringify((await database.read.executeQuery(explained)).rows))
  }
  const [queued = '', running = '', unknown = '', reserved = '', pending = '', , differences = ''] = plans
  for (const open of [queued, running]) {
    t.match(open, 'SEARCH generations USING COVERING INDEX generations_by_state (status=?)')
    t.match(open, 'SEARCH generations USING INDEX generations_by_state (status=?)')
  }
  t.match(unknown, 'USING INDEX attempts_by_state (state=?)')
  t.match(reserved, 'USING COVERING INDEX attempts_reserved')
  t.match(pending, 'USING COVERING INDEX deliveries_')
  t.match(differences, /SEARCH usage_days USING PRIMARY KEY|SEARCH usage_days USING INDEX/)
  for (const plan of plans) t.notMatch(plan, /SCAN (generations|attempts|deliveries|events)"/, plan)
})
