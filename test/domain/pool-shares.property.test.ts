import { assert, constant, constantFrom, integer, nat, property, record, subarray, tuple } from 'fast-check'
import t from 'tap'
import { poolShares } from '../../src/gateway/domain/scheduling/pool-shares.ts'

const names = Array.from({ length: 12 }, (_, n) => `poll:${String.fromCodePoint(97 + n)}`)
const everything = record({
  pools: subarray(names).chain((some) =>
    tuple(
      ...some.map((pool) =>
        record({ pool: constant(pool), dueAt: integer({ min: 0, max: 20 }), room: nat(9) }),
      ),
    ),
  ),
  limit: nat(40),
  after: constantFrom('', 'local', ...names),
})

t.test('a claim is divided as equally as the free slots allow, and wastes nothing', async () => {
  assert(
    property(everything, ({ pools, limit, after }) => {
      const room = new Map(pools.map((each) => [each.pool, each.room]))
      const free = (pool: string) => room.get(pool) ?? 0
      const now = 10
      const shares = new Map(
        poolShares(pools, { now, limit, after, free }).map(({ pool, most }) => [pool, most]),
      )
      const due = pools.filter(({ dueAt }) => dueAt <= now)
      const given = [...shares.values()].reduce((sum, most) => sum + most, 0)
      const wanted = due.reduce((sum, each) => sum + each.room, 0)
      return (
        given === Math.min(limit, wanted) &&
        [...shares].every(([pool, most]) => most > 0 && most <= free(pool)) &&
        [...shares.keys()].every((pool) => due.some((each) => each.pool === pool)) &&
        due.every(
          (one) =>
            (shares.get(one.pool) ?? 0) === one.room ||
            [...shares.values()].every((most) => most <= (shares.get(one.pool) ?? 0) + 1),
        )
      )
    }),
  )
})

t.test('whatever the limit, every pool comes to its turn in as many claims as that takes', async (t) => {
  const pools = names.map((pool) => ({ pool, dueAt: 0 }))
  for (let limit = 1; limit <= names.length; limit++) {
    const served = new Set<string>()
    let after = ''
    for (let round = 0; round < Math.ceil(names.length / limit); round++) {
      const shares = poolShares(pools, { now: 0, limit, after, free: () => 50 })
      for (const { pool } of shares) served.add(pool)
      after = shares.at(-1)?.pool ?? after
    }
    t.equal(served.size, names.length)
  }
})
