import t from 'tap'
import { everyGeneration } from '../../src/gateway/domain/generation/search/generation-filter.ts'
import type { SearchFilter } from '../../src/gateway/ports/generations/generation-search.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { countGenerations } from '../../src/gateway/storage/search/count-generations.ts'
import { START } from '../fixtures/generation.ts'

const { character: _name, olderThanMs: _age, ...every } = everyGeneration
const filters: Array<Partial<SearchFilter>> = [
  {},
  { tenant: 'studio' },
  { key: 'one' },
  { tenant: 'studio', key: 'one', status: 'completed' },
  { status: 'in_progress' },
  { tenant: 'studio', attemptState: 'succeeded' },
  { attemptState: 'unknown' },
]

/** What is open, late or lost, or one that was found so. */
const few =
  /INDEX (?:generations_attention|generations_by_state \(status=\?|generations_by_status \(tenant=\? AND status=\?|attempts_by_state \(state=\?|\w+ \((?:.* AND )?(?:generation_)?id=\?\))/

t.test(
  'counts read sums, and of the generations what is open, late or lost, on a database that was never analysed',
  async (t) => {
    await using database = await openDatabase({ file: ':memory:' })
    for (const asked of filters) {
      const plans: string[] = []
      const report: typeof database.report = async (queries) => {
        for (const { sql, parameters } of queries) {
          const [rows = []] = await database.report([{ sql: `explain query plan ${sql}`, parameters }])
          plans.push(rows.map((row: any) => row.detail).join('\n'))
        }
        return database.report(queries)
      }
      await countGenerations(
        { read: database.read, report },
        { ...every, characters: null, now: START, ...asked },
      )
      const [sums = '', ...rest] = plans
      const said = JSON.stringify(asked)
      t.match(sums, /generation_counts/, said)
      t.notMatch(sums, /generations|attempts/, said)
      const reads = rest
        .flatMap((plan) => plan.split('\n'))
        .filter((read) => / (?:generations|attempts) /.test(read))
      t.ok(reads.length >= 5, said)
      for (const read of reads) t.match(read, few, said)
    }
  },
)
