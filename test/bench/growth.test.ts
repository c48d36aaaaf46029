import t from 'tap'
import { fillDatabase, idAt } from '../../bench/growth/fill.ts'
import type { Filling } from '../../bench/growth/fill.ts'
import { growthOf } from '../../bench/growth/verdict.ts'
import { isGenerationId } from '../../src/gateway/domain/ids.ts'
import type { GenerationId } from '../../src/gateway/domain/ids.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { START } from '../fixtures/generation.ts'

const at = (size: number, cost: number) => ({ size, cost })

t.test('growth is told from the largest size, beside the logarithm', async (t) => {
  for (const [points, isSlower] of [
    [[at(1000, 10), at(1_000_000, 10)], true],
    [[at(1000, 10), at(1_000_000, 19.9)], true],
    [[at(1000, 10), at(1_000_000, 20.1)], false],
    [[at(1000, 10), at(10_000, 100), at(100_000, 16)], true],
    [[at(1000, 10), at(10_000, 9), at(100_000, 17)], false],
    [[at(1000, 10)], true],
    [[at(1000, 0), at(10_000, 1)], false],
    [[at(1000, Number.NaN), at(10_000, 1)], false],
  ] as const)
    t.equal(growthOf(points).isSlower, isSlower, JSON.stringify(points))
  const { ratios, logarithmic } = growthOf([at(1000, 10), at(10_000, 12), at(100_000, 15)])
  t.strictSame(ratios, [1, 1.2, 1.5])
  t.ok(Math.abs(logarithmic - 5 / 3) < 1e-9)
  t.throws(() => growthOf([]))
})

t.test('a database that is filled in is one that the gateway could have left', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  const of: Filling = { inFlight: 7, finished: 40, upstreams: 3, keys: 2, now: START, dueInMs: 5000 }
  await fillDatabase(file, of)
  await using database = await openDatabase({ file })
  t.ok(database.totals.reportable, 'its running totals agree with its attempts')
  const store = createGenerationStore(database)
  const ids = Array.from({ length: 47 }, (_, place) => idAt(place + 1, of))
  t.strictSame(ids.toSorted(), ids, 'the order of the numbers is that of the ids')
  const found = await Promise.all(ids.map(read))
  const of47 = (status: string) => found.filter((generation) => generation.status === status).length
  t.strictSame([of47('completed'), of47('failed'), of47('in_progress')], [37, 3, 7])
  t.strictSame(new Set(found.map(({ attempts }) => attempts[0]?.upstream)).size, 3)
  t.equal(new Set(found.map(({ attempts }) => attempts[0]?.id)).size, 47)
  t.equal(await store.nextDueAt(), START + 5000)
  const claimed = await store.claimDue({
    now: START + 5000,
    owner: 'one',
    leaseUntil: START + 6000,
    limit: 10,
  })
  t.equal(claimed.length, 7)
  const { totals } = await store.usage({
    tenant: null,
    from: START - 400 * 86_400_000,
    to: START + 1,
    groupBy: [],
    limit: 10,
  })
  t.match(totals, { attempts: 47, generations: 47, videos: 37 })

  async function read(id: string) {
    if (!isGenerationId(id)) throw new Error(`${id} is not an id of a generation`)
    const stored = await store.get(id satisfies GenerationId)
    if (stored === null) throw new Error(`${id} is not there`)
    t.equal(stored.generation.id, id)
    return stored.generation
  }
})
