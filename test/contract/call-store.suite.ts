import type { Test } from 'tap'
import type { CallStore } from '../../src/gateway/ports/generations/call-store.ts'
import { START } from '../fixtures/generation.ts'

type Make = (t: Test) => Promise<CallStore>

const call = { tenant: 'studio', keyHash: 'k', requestHash: 'h', subject: 'key_1', at: START }

/** What every CallStore guarantees. */
export function callStoreContract(t: Test, make: Make): void {
  t.test('the first call under a key is the one that everybody finds', async (t) => {
    const store = await make(t)
    const reserve = (subject: string) => store.reserve({ ...call, subject }, START - 10)
    const all = await Promise.all(['key_1', 'key_2', 'key_3'].map(reserve))
    t.equal(all.filter(({ first }) => first).length, 1)
    t.equal(new Set(all.map(({ subject }) => subject)).size, 1)
    const other = await store.reserve({ ...call, requestHash: 'other', subject: 'key_9' }, START - 10)
    t.match(other, { first: false, requestHash: 'h' })
  })

  t.test('keys of other tenants are other keys, and an old call is forgotten', async (t) => {
    const store = await make(t)
    await store.reserve(call, START - 10)
    t.match(await store.reserve({ ...call, tenant: 'other', subject: 'key_2' }, START - 10), { first: true })
    const later = { ...call, subject: 'key_3', at: START + 100 }
    t.match(await store.reserve(later, START), { first: false, subject: 'key_1' })
    t.match(await store.reserve(later, START + 1), { first: true, subject: 'key_3' })
    await store.prune(START + 100, 10)
    t.match(await store.reserve(later, START), { first: false }, 'not older than that')
    await store.prune(START + 101, 10)
    t.match(await store.reserve({ ...later, subject: 'key_4' }, START), { first: true, subject: 'key_4' })
  })
}
