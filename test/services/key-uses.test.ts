import t from 'tap'
import type { KeyUse, KeyUseStore } from '../../src/gateway/ports/accounts/key-use-store.ts'
import { createKeyUses } from '../../src/gateway/services/accounts/key-uses.ts'

function setUp() {
  let now = 1000
  let broken = false
  const written: KeyUse[][] = []
  const uses: KeyUseStore = {
    lastUse: async (id) => written.flat().findLast(({ keyId }) => keyId === id)?.at ?? null,
    async record(each) {
      if (broken) throw new Error('the disk is full')
      written.push([...each])
    },
  }
  return {
    uses: createKeyUses({ uses, clock: { now: () => now } }),
    written,
    at: (instant: number) => void (now = instant),
    break: (is: boolean) => void (broken = is),
  }
}

t.test('however often a key is used, one row is written for it, with the last use', async (t) => {
  const { uses, written, at } = setUp()
  for (let call = 1; call <= 1000; call++) {
    at(call)
    uses.note(call % 2 === 0 ? 'key_a' : 'key_b')
  }
  t.equal(await uses.lastUse('key_a'), 1000, 'shown before it is written')
  t.same(written, [])
  await uses.flush()
  t.strictSame(written, [
    [
      { keyId: 'key_b', at: 999 },
      { keyId: 'key_a', at: 1000 },
    ],
  ])
  await uses.flush()
  t.equal(written.length, 1, 'nothing new, nothing written')
  t.equal(await uses.lastUse('key_a'), 1000)
  t.equal(await uses.lastUse('key_never'), null)
})

t.test('what cannot be written is kept, and a later use is not replaced by it', async (t) => {
  const { uses, written, at, break: breakStore } = setUp()
  uses.note('key_a')
  uses.note('key_b')
  breakStore(true)
  at(2000)
  const failed = t.rejects(uses.flush(), { message: 'the disk is full' })
  uses.note('key_a')
  await failed
  t.equal(await uses.lastUse('key_b'), 1000)
  breakStore(false)
  await uses.flush()
  t.strictSame(written, [
    [
      { keyId: 'key_a', at: 2000 },
      { keyId: 'key_b', at: 1000 },
    ],
  ])
})

t.test('a clock that is set back does not take back a use', async (t) => {
  const { uses, at } = setUp()
  uses.note('key_a')
  await uses.flush()
  at(500)
  uses.note('key_a')
  t.equal(await uses.lastUse('key_a'), 1000)
})
