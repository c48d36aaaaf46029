import type { Test } from 'tap'
import type { AuditEntry } from '../../src/gateway/domain/accounts/audit.ts'
import type { Session } from '../../src/gateway/domain/accounts/session.ts'
import type { SessionStore } from '../../src/gateway/ports/accounts/session-store.ts'

const two = (number: number): string => String(number).padStart(26, '0')

function session(number: number, change: Partial<Session> = {}): Session {
  return {
    id: `ses_${two(number)}`,
    tokenHash: `hash ${number}`,
    lock: 'lock',
    keyId: `key_${two(1)}`,
    tenant: 'studio',
    key: 'marketing',
    address: '192.0.2.17',
    userAgent: null,
    createdAt: number,
    expiresAt: 1000,
    usedAt: number,
    endedAt: null,
    ...change,
  }
}

let entries = 0

function audit({ id: subject, tenant, key, keyId }: Session): AuditEntry {
  entries += 1
  const id = `aud_${two(entries)}` as const
  const from = { address: null, requestId: null, data: {}, once: null }
  return { id, at: 1, action: 'session.ended', tenant, key, keyId, subject, ...from }
}

/** What every SessionStore guarantees. */
export function sessionStoreContract(t: Test, make: (t: Test) => Promise<SessionStore>): void {
  t.test('a session is found by the hash of its token, also when it has ended', async (t) => {
    const store = await make(t)
    t.equal(await store.find('hash 1'), null)
    const whole = session(1, { userAgent: 'a browser' })
    await store.insert(whole, audit(whole), 20)
    t.strictSame(await store.find('hash 1'), whole)
    await store.noteUse(whole.id, 50)
    await store.noteUse(whole.id, 40)
    t.equal((await store.find('hash 1'))?.usedAt, 50, 'the latest use is kept')
    t.strictSame(await store.end({ id: whole.id, keyId: null }, 60, audit), [whole.id])
    t.equal((await store.find('hash 1'))?.endedAt, 60)
    t.strictSame(await store.end({ id: whole.id, keyId: null }, 70, audit), [], 'it ends once')
  })

  t.test('of a key at most so many are kept: the ended go first, then the least used', async (t) => {
    const store = await make(t)
    const other = session(9, { keyId: `key_${two(2)}`, usedAt: 0 })
    for (const each of [
      other,
      session(1, { usedAt: 30 }),
      session(2, { usedAt: 20 }),
      session(3, { usedAt: 40 }),
    ])
      t.strictSame(await store.insert(each, audit(each), 3), [])
    await store.end({ id: session(3).id, keyId: null }, 50, audit)
    t.strictSame(await store.insert(session(4), audit(session(4)), 3), [session(3).id])
    t.strictSame(await store.insert(session(5), audit(session(5)), 3), [session(4).id], 'used at 4')
    t.strictSame(
      await store.insert(session(6), audit(session(6)), 1),
      [1, 2, 5].map((each) => session(each).id),
    )
    t.not(await store.find('hash 9'), null, 'another key is another matter')
  })

  t.test('open ones are listed, newest first and in pages, and end by key', async (t) => {
    const store = await make(t)
    const other = session(4, { keyId: `key_${two(2)}` })
    const late = session(5, { expiresAt: 500 })
    for (const each of [session(1), session(2), session(3), other, late])
      await store.insert(each, audit(each), 20)
    const list = async (query: Partial<Parameters<SessionStore['list']>[0]>) =>
      (await store.list({ keyId: null, now: 500, before: null, limit: 9, ...query })).map(
        ({ createdAt }) => createdAt,
      )
    t.strictSame(await list({}), [4, 3, 2, 1])
    t.strictSame(await list({ keyId: session(1).keyId, limit: 2 }), [3, 2])
    t.strictSame(await list({ keyId: session(1).keyId, before: session(2).id }), [1])
    t.strictSame(await store.end({ id: other.id, keyId: session(1).keyId }, 500, audit), [], 'of another key')
    t.equal((await store.end({ id: null, keyId: session(1).keyId }, 500, audit)).length, 3)
    t.strictSame(await list({}), [4])
  })

  t.test('of many, those are told that are not open any more', async (t) => {
    const store = await make(t)
    for (const each of [session(1), session(2), session(3, { expiresAt: 500 })])
      await store.insert(each, audit(each), 20)
    await store.end({ id: session(2).id, keyId: null }, 50, audit)
    const ids = Array.from({ length: 1500 }, (_each, index) => session(index + 1).id)
    t.strictSame(await store.over([], 500), [])
    t.strictSame(await store.over(ids, 500), ids.slice(1))
  })

  t.test('what has expired is removed, in pieces', async (t) => {
    const store = await make(t)
    for (const each of [session(1), session(2), session(3, { expiresAt: 2000 })])
      await store.insert(each, audit(each), 20)
    await store.prune(1000, 10)
    t.not(await store.find('hash 1'), null, 'not before its time')
    await store.prune(1001, 1)
    await store.prune(1001, 1)
    t.strictSame([await store.find('hash 1'), await store.find('hash 2')], [null, null])
    t.not(await store.find('hash 3'), null)
  })
}
