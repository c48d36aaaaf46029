import { CompiledQuery } from 'kysely'
import t from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import { generationStatuses, openStatuses } from '../../src/gateway/domain/generation/history.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { candidates } from '../../src/gateway/storage/search/candidates.ts'

const { character: _character, olderThanMs: _age, ...every } = everyGeneration
const filter = { ...every, characters: null, now: 0 }
const walk = { after: null, oldestFirst: false, limit: 101 }
const narrowing = {
  upstream: { upstream: 'reseller' },
  error: { error: 'overloaded' },
  'state of an attempt': { attemptState: 'failed' },
  metadata: { metadata: [['film', 'rain']] },
} as const

t.test('a search among what is open, as a cancel by filter makes it, never walks history', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  for (const [name, more] of Object.entries(narrowing))
    for (const status of generationStatuses) {
      const { sql, parameters } = candidates({ ...filter, ...more, status }, walk).compile(database.read)
      const explained = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
      const plan = JSON.stringify((await database.read.executeQuery(explained)).rows)
      const isOpen = openStatuses.some((open) => open === status)
      const only = 'SEARCH generations USING COVERING INDEX generations_by_state (status=?)'
      if (isOpen) t.match(plan, only, `${name} ${status}`)
      t.equal(/attempts|generation_labels/.test(plan), !isOpen, `${name} ${status}: ${plan}`)
      t.notMatch(plan, /SCAN (generations|attempts)"/)
    }
})
