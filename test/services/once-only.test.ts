import t from 'tap'
import { isKeyId } from '../../src/gateway/domain/ids.ts'
import type { CallStore } from '../../src/gateway/ports/generations/call-store.ts'
import { createOnceOnly } from '../../src/gateway/services/once-only.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createCallStore } from '../../src/gateway/storage/accounts/call-store.ts'
import { createIds } from '../../src/gateway/process/ids.ts'

const clock = { now: () => 1_800_000_000_000 }
const ids = createIds(clock)
const idempotency = { key: 'k', requestHash: 'h' }

/** What was made, by its id; `crash` ends the process that makes it before or after it did. */
function workshop(calls: CallStore) {
  const made = new Map<string, number>()
  const make = (crash: 'before' | 'after' | 'never') => async (id: string) => {
    if (crash === 'before') throw new Error('killed')
    made.set(id, (made.get(id) ?? 0) + 1)
    if (crash === 'after') throw new Error('killed')
    return id
  }
  const call = (crash: 'before' | 'after' | 'never', hash = 'h') =>
    createOnceOnly({ calls, clock }).run({
      tenant: 'studio',
      idempotency: { ...idempotency, requestHash: hash },
      newId: () => ids.key(),
      isId: isKeyId,
      find: async (id) => (made.has(id) ? id : null),
      make: make(crash),
    })
  return { made, call }
}

for (const crash of ['before', 'after'] as const) {
  t.test(`a crash ${crash} it was made: the repeated call makes one thing in all`, async (t) => {
    await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
    const { made, call } = workshop(createCallStore(database))
    await t.rejects(call(crash), { message: 'killed' })
    const { value, replayed } = await call('never')
    t.equal(replayed, crash === 'after')
    t.strictSame([...made], [[value, 1]])
    t.strictSame(await call('never'), { value, replayed: true })
    await t.rejects(call('never', 'another request'), { code: 'idempotency_key_reused' })
  })
}
