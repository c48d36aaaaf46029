import type { Test } from 'tap'
import type { KeyUseStore } from '../../src/gateway/ports/accounts/key-use-store.ts'
import type { KeyId } from '../../src/gateway/domain/ids.ts'

const id = (number: number): KeyId => `key_${String(number).padStart(26, '0')}`

/** What every KeyUseStore guarantees. */
export function keyUseStoreContract(t: Test, make: (t: Test) => Promise<KeyUseStore>): void {
  t.test('of each key the latest use is kept, whatever comes after it', async (t) => {
    const store = await make(t)
    t.equal(await store.lastUse(id(1)), null)
    await store.record([])
    await store.record([{ keyId: id(1), at: 20 }])
    await store.record([
      { keyId: id(1), at: 10 },
      { keyId: id(2), at: 10 },
    ])
    t.same([await store.lastUse(id(1)), await store.lastUse(id(2))], [20, 10])
    await store.record([{ keyId: id(1), at: 30 }])
    t.equal(await store.lastUse(id(1)), 30)
  })

  t.test('uses of more keys than one statement takes are all stored', async (t) => {
    const store = await make(t)
    await store.record(Array.from({ length: 10_000 }, (_, number) => ({ keyId: id(number), at: number + 1 })))
    t.same([await store.lastUse(id(0)), await store.lastUse(id(9_999))], [1, 10_000])
  })
}
