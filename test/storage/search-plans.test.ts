import t from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import type { SearchFilter } from '../../src/gateway/ports/generations/generation-search.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { candidates } from '../../src/gateway/storage/search/candidates.ts'
import { characterId, generationId, START } from '../fixtures/generation.ts'

const { character: _name, olderThanMs: _age, ...every } = everyGeneration
const all: SearchFilter = { ...every, characters: null, now: START }

const indexes: Array<[name: string, filter: Partial<SearchFilter>]> = [
  ['generations_attention', { attention: true, tenant: 'studio' }],
  ['generation_labels', { metadata: [['shot', '12b']], status: 'failed' }],
  ['generation_characters', { characters: [characterId(1)], upstream: 'openai' }],
  ['generations_by_error', { error: 'cancelled' }],
  ['attempts_by_failure', { error: 'cancelled' }],
  ['attempts_by_state', { attemptState: 'unknown', tenant: 'studio' }],
  ['attempts_by_upstream', { upstream: 'openai', key: 'one' }],
  ['generations_by_status', { status: 'failed', tenant: 'studio' }],
  ['generations_by_state', { status: 'failed' }],
  ['generations_by_key', { key: 'one' }],
  ['generations_by_tenant', { tenant: 'studio', key: 'one' }],
  ['sqlite_autoindex_generations_1', { createdFrom: START, createdTo: START + 1 }],
  ['sqlite_autoindex_generations_1', {}],
]

t.test(
  'every filter walks an index in the order of the list, and sorts nothing but what two indexes found',
  async (t) => {
    await using database = await openDatabase({ file: ':memory:' })
    for (const [index, asked] of indexes) {
      for (const after of [null, generationId(9)]) {
        const walk = { after, oldestFirst: false, limit: 20 }
        const { sql, parameters } = candidates({ ...all, ...asked }, walk).compile(database.read)
        const [rows = []] = await database.report([{ sql: `explain query plan ${sql}`, parameters }])
        const plan = rows.map((row: any) => row.detail).join('\n')
        t.match(plan, index, JSON.stringify(asked))
        t.notMatch(plan, /SCAN (?:generations|attempts|generation_labels|generation_characters)$/m, plan)
        if (asked.error === undefined) t.notMatch(plan, 'TEMP B-TREE', plan)
      }
    }
  },
)
