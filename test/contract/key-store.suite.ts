import { auditActions } from '../../src/gateway/domain/accounts/audit.ts'
import type { Test } from 'tap'
import { revoke } from '../../src/gateway/domain/accounts/gateway-key.ts'
import type { AuditLog } from '../../src/gateway/ports/accounts/audit-log.ts'
import type { KeyStore } from '../../src/gateway/ports/accounts/key-store.ts'
import { START } from '../fixtures/generation.ts'
import { aKey, anAuditEntry, auditId } from '../fixtures/key.ts'

export interface KeyStores {
  keys: KeyStore
  audit: AuditLog
}

const most = 10_000
const all = (keys: KeyStore) => keys.list({ before: null, limit: 100 })

const everything = {
  tenant: null,
  key: null,
  action: null,
  subject: null,
  from: null,
  to: null,
  before: null,
  limit: 100,
}

/** What every KeyStore guarantees; `make` opens an empty one with the audit log beside it. */
export function keyStoreContract(t: Test, make: (t: Test) => Promise<KeyStores>): void {
  t.test('keys are read back exactly, newest first', async (t) => {
    const { keys } = await make(t)
    const older = aKey({ id: 'key_1', name: 'a', allowUpstreams: ['x'], allowModels: ['y'] })
    const newer = aKey({ id: 'key_2', name: 'b', monthlyBudgetMicros: 5, expiresAt: START })
    for (const key of [older, newer]) t.equal(await keys.insert(key, anAuditEntry(), most), 'inserted')
    t.strictSame(await all(keys), [newer, older])
  })

  t.test('a name is taken until its key is revoked, whoever races for it', async (t) => {
    const { keys, audit } = await make(t)
    const racers = Array.from({ length: 10 }, () => aKey())
    const outcomes = await Promise.all(racers.map((key) => keys.insert(key, anAuditEntry(), most)))
    t.equal(outcomes.filter((outcome) => outcome === 'inserted').length, 1)
    t.equal((await audit.list(everything)).length, 1, 'and only what happened is told')
    const [holder] = await all(keys)
    await keys.change(holder!.id, (key) => revoke(key, START), anAuditEntry())
    t.equal(await keys.insert(aKey(), anAuditEntry(), most), 'inserted')
  })

  t.test('of keys that are revoked at once the last one stays', async (t) => {
    const { keys, audit } = await make(t)
    const made = Array.from({ length: 5 }, (_, index) => aKey({ id: `key_${index}`, name: `n${index}` }))
    for (const key of made) await keys.insert(key, anAuditEntry(), most)
    const outcomes = await Promise.all(
      made.map(({ id }) => keys.revoke(id, START, (_key, others) => others.length > 0, anAuditEntry())),
    )
    t.equal(outcomes.filter(({ type }) => type === 'refused').length, 1)
    t.equal((await keys.unrevoked()).length, 1)
    t.equal((await audit.list(everything)).length, 9, 'and only what happened is told')
    t.same(await keys.revoke('key_none', START, () => true, anAuditEntry()), { type: 'missing' })
  })

  t.test('keys are found by id, and by name while they are not revoked', async (t) => {
    const { keys } = await make(t)
    const key = aKey({ id: 'key_1' })
    await keys.insert(key, anAuditEntry(), most)
    t.strictSame([await keys.get('key_1'), await keys.named(key.name)], [key, key])
    await keys.revoke('key_1', START, () => true, anAuditEntry())
    t.match(await keys.get('key_1'), { revokedAt: START })
    t.equal(await keys.named(key.name), null)
    t.equal(await keys.get('key_2'), null)
  })

  t.test('no more keys are kept unrevoked than may be', async (t) => {
    const { keys } = await make(t)
    t.equal(await keys.insert(aKey({ id: 'key_1', name: 'a' }), anAuditEntry(), 1), 'inserted')
    t.equal(await keys.insert(aKey({ id: 'key_2', name: 'b' }), anAuditEntry(), 1), 'too_many')
  })

  t.test('a change is made to the key as it is then, so that none is lost', async (t) => {
    const { keys } = await make(t)
    const key = aKey({ maxInFlight: 0 })
    await keys.insert(key, anAuditEntry(), most)
    await Promise.all(
      Array.from({ length: 20 }, () =>
        keys.change(
          key.id,
          (each) => ({ ...each, maxInFlight: (each.maxInFlight ?? 0) + 1 }),
          anAuditEntry(),
        ),
      ),
    )
    t.equal((await all(keys))[0]?.maxInFlight, 20)
  })

  t.test('an update sees the other active keys, is told as it was made, and may be refused', async (t) => {
    const { keys, audit } = await make(t)
    const made = [1, 2, 3].map((number) => aKey({ id: `key_${number}`, name: `n${number}`, maxInFlight: 0 }))
    for (const key of made) await keys.insert(key, anAuditEntry(), most)
    await keys.revoke('key_3', START, () => true, anAuditEntry())
    const seen: string[] = []
    const update = (id: 'key_1' | 'key_none', maxInFlight: number | null) =>
      keys.update(
        id,
        async (key, others) => {
          for (const other of await others()) seen.push(other.id)
          if (maxInFlight === null) return null
          return key.maxInFlight === maxInFlight ? key : { ...key, maxInFlight }
        },
        (before, after) => anAuditEntry({ data: { from: before.maxInFlight, to: after.maxInFlight } }),
      )
    const first = { ...made[0], maxInFlight: 5 }
    t.strictSame(await update('key_1', 5), { type: 'updated', key: first })
    t.strictSame(await update('key_1', 5), { type: 'updated', key: first })
    t.strictSame(await update('key_1', null), { type: 'refused' })
    t.strictSame(await update('key_none', 1), { type: 'missing' })
    t.strictSame(seen, ['key_2', 'key_2', 'key_2'])
    t.strictSame(await keys.get('key_1'), first)
    const told = (await audit.list(everything)).map(({ data }) => data).filter(({ to }) => to !== undefined)
    t.strictSame(told, [{ from: 0, to: 5 }])
  })

  t.test('a change of nothing is not told, and one of no key is null', async (t) => {
    const { keys, audit } = await make(t)
    const key = aKey()
    await keys.insert(key, anAuditEntry(), most)
    t.strictSame(await keys.change(key.id, (each) => each, anAuditEntry()), key)
    t.equal(await keys.change('key_none', (each) => each, anAuditEntry()), null)
    t.equal((await audit.list(everything)).length, 1)
  })
}

/** What every AuditLog guarantees. */
export function auditLogContract(t: Test, make: (t: Test) => Promise<AuditLog>): void {
  t.test('entries are read back exactly, newest first, in pages', async (t) => {
    const audit = await make(t)
    const entries = [1, 2, 3].map((number) =>
      anAuditEntry({ id: auditId(number), data: { name: '"x"', list: [1, null] } }),
    )
    const nobody = anAuditEntry({
      id: auditId(4),
      tenant: null,
      key: null,
      keyId: null,
      address: null,
      requestId: null,
      subject: null,
    })
    for (const entry of [...entries, nobody]) await audit.append(entry)
    t.strictSame(await audit.list({ ...everything, limit: 2 }), [nobody, entries[2]])
    t.strictSame(await audit.list({ ...everything, before: auditId(3) }), [entries[1], entries[0]])
  })

  t.test('an entry of every action is read back', async (t) => {
    const audit = await make(t)
    const entries = auditActions.map((action, index) => anAuditEntry({ id: auditId(index + 1), action }))
    for (const entry of entries) await audit.append(entry)
    t.strictSame(await audit.list({ ...everything, limit: 1000 }), entries.toReversed())
  })

  t.test('entries are found by who, what, to what and when', async (t) => {
    const audit = await make(t)
    const found = async (query: Partial<typeof everything> | object) =>
      (await audit.list({ ...everything, ...query })).map(({ id }) => Number.parseInt(id.slice(4), 32))
    for (const [index, change] of [
      { tenant: 'other' },
      { key: 'bank' },
      { action: 'key.revoked' as const },
      { subject: 'gen_1' },
      { at: START + 10 },
    ].entries()) {
      await audit.append(anAuditEntry({ id: auditId(index + 1), ...change }))
    }
    t.same(await found({ tenant: 'other' }), [1])
    t.same(await found({ key: 'bank' }), [2])
    t.same(await found({ action: 'key.revoked' }), [3])
    t.same(await found({ subject: 'gen_1' }), [4])
    t.same(await found({ from: START + 10 }), [5])
    t.same(await found({ to: START + 10, tenant: 'studio' }), [4, 3, 2])
  })

  t.test('what is told once is told once, whoever races to tell it', async (t) => {
    const audit = await make(t)
    await Promise.all(
      Array.from({ length: 5 }, () => audit.append(anAuditEntry({ once: 'exhausted a 2026-01' }))),
    )
    await audit.append(anAuditEntry({ once: 'exhausted b 2026-01' }))
    await audit.append(anAuditEntry())
    await audit.append(anAuditEntry())
    t.equal((await audit.list(everything)).length, 4)
  })
}
