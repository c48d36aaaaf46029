import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { START } from '../fixtures/generation.ts'
import { watchStatements } from '../fixtures/storage/watched-statements.ts'

const asked: Array<[indexes: string[], ask: (store: GenerationStorage) => Promise<unknown>]> = [
  [['attempts_finished'], (store) => store.statistics(START)],
  [['attempts_live'], (store) => store.unansweredCreates('openai', 2)],
  [['attempts_live', 'attempts_not_taken'], (store) => store.unknownAttempts('openai', START, 100)],
]

t.test(
  'what is asked of an upstream seeks the few attempts that it is about, on a database that was never analysed',
  async (t) => {
    const file = `${t.testdir()}/understudy.db`
    await using database = await openDatabase({ file })
    const store = createGenerationStore(database)
    using raw = new DatabaseSync(file, { readOnly: true })
    for (const [indexes, ask] of asked) {
      const { seen, stop } = watchStatements()
      await ask(store)
      stop()
      const plans = seen.map(({ sql }) => raw.prepare(`explain query plan ${sql}`).all())
      t.equal(plans.length, indexes.length)
      for (const [place, plan] of plans.entries()) {
        const reads = plan.map(({ detail }) => String(detail)).filter((detail) => /attempts/.test(detail))
        const own = reads.filter((detail) => !detail.includes('(id=?)'))
        t.ok(own.length > 0)
        for (const detail of own) t.match(detail, `INDEX ${indexes[place]}`, detail)
      }
    }
  },
)

t.test('a start looks at what was leased or never counted, not at all that is open', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await (await openDatabase({ file })).close()
  const { seen, stop } = watchStatements()
  await using database = await openDatabase({ file })
  await createGenerationStore(database).releaseAll(START)
  stop()
  using raw = new DatabaseSync(file, { readOnly: true })
  const statements = seen.filter(({ sql }) => /counted = 0|crashed_by/.test(sql))
  t.equal(statements.length, 3)
  const plans = statements.flatMap(({ sql }) => raw.prepare(`explain query plan ${sql}`).all())
  const reads = plans
    .map(({ detail }) => String(detail))
    .filter((detail) => /(SEARCH|SCAN) generations/.test(detail) && !detail.includes('(id=?)'))
  t.same(
    reads.map((detail) => /generations_\w+/.exec(detail)?.[0]),
    ['generations_uncounted', 'generations_leased', 'generations_crashed'],
  )
})
