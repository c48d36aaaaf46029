import t from 'tap'
import type { Test } from 'tap'
import type { Client } from '../../src/gateway/domain/accounts/client.ts'
import { clientOfKey, revoke } from '../../src/gateway/domain/accounts/gateway-key.ts'
import { createIds } from '../../src/gateway/process/ids.ts'
import { createKeyring } from '../../src/gateway/services/accounts/authentication.ts'
import { hashOf } from '../../src/gateway/services/accounts/key-secret.ts'
import { createSessionService } from '../../src/gateway/services/accounts/session-service.ts'
import { createTickets } from '../../src/gateway/services/accounts/tickets.ts'
import { readUnchanged } from '../../src/gateway/services/fleet/read-unchanged.ts'
import { createRefreshCopies } from '../../src/gateway/services/fleet/refresh-copies.ts'
import { createPauses } from '../../src/gateway/services/operations/pauses.ts'
import { createHold } from '../../src/gateway/services/restore/hold.ts'
import { createAuditLog } from '../../src/gateway/storage/accounts/audit-log.ts'
import { createKeyStore } from '../../src/gateway/storage/accounts/key-store.ts'
import { createSessionStore } from '../../src/gateway/storage/accounts/session-store.ts'
import type { Database } from '../../src/gateway/storage/engine/database.ts'
import { createCopyVersions } from '../../src/gateway/storage/fleet/copy-versions.ts'
import { openNotices } from '../../src/gateway/storage/fleet/notices.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { createHoldStore } from '../../src/gateway/storage/queue/hold-store.ts'
import { createPauseStore } from '../../src/gateway/storage/queue/pause-store.ts'
import { START } from '../fixtures/generation.ts'
import { aKey, aSecret, anAuditEntry } from '../fixtures/key.ts'
import { pino } from 'pino'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const clock = { now: () => START }
const ids = createIds(clock)
const logger = pino({ level: 'silent' })
const secret = { ...aSecret('text'), hash: hashOf('the-secret') }
const none = async () => undefined
const admin: Client = { ...clientOfKey(aKey({ name: 'ops', scopes: ['admin', 'operate'] })) }

/** What a node keeps in memory, over a database that it shares. */
async function node(database: Database) {
  const keys = createKeyStore(database)
  const keyring = createKeyring([], clock, 'the same on all nodes')
  keyring.replaceMade(await keys.unrevoked())
  const sessions = createSessionService({
    sessions: createSessionStore(database),
    keyring,
    tickets: createTickets(clock),
    audit: createAuditLog(database),
    ids,
    clock,
    logger,
  })
  const holds = createHoldStore(database)
  const hold = await createHold({ holds, clock, ids, logger }, false)
  const pauses = await createPauses({ pauseStore: createPauseStore(database), clock, ids })
  const refreshed: string[] = []
  const noted = (name: string, refresh: () => Promise<void>) => async () => {
    await refresh()
    refreshed.push(name)
  }
  const refresh = createRefreshCopies(createCopyVersions(database), {
    keys: noted('keys', async () =>
      keyring.replaceMade(await readUnchanged(keyring.putCount, () => keys.unrevoked())),
    ),
    sessions: noted('sessions', sessions.readAgain),
    pauses: noted('pauses', pauses.readAgain),
    hold: noted('hold', hold.readAgain),
    breakers: noted('breakers', async () => undefined),
  })
  await refresh()
  refreshed.length = 0
  return { keys, keyring, sessions, holds, hold, pauses, refresh, refreshed }
}

t.test('what nodes keep in memory', { skip: skipsPostgres() }, async (t) => {
  const { create } = await postgresDatabases(t)
  async function nodes(t: Test) {
    const url = await create()
    const open = async () => {
      const database = await openPostgres({ url, connections: 4 })
      t.teardown(() => database.close())
      return database
    }
    const [a, b] = [await node(await open()), await node(await open())]
    return { a, b, url }
  }

  await t.test('keys that another node made, changed and revoked', async (t) => {
    const { a, b } = await nodes(t)
    const gone: string[] = []
    b.keyring.watch(({ key }) => gone.push(key))
    const key = aKey({ secrets: [secret], requestsPerMinute: 5 })
    await a.keys.insert(key, anAuditEntry(), 10)
    t.equal(b.keyring.authenticate('the-secret'), null)
    await b.refresh()
    t.strictSame(b.keyring.authenticate('the-secret'), clientOfKey(key))
    await a.keys.change(key.id, (each) => ({ ...each, requestsPerMinute: 1 }), anAuditEntry())
    await b.refresh()
    t.equal(b.keyring.authenticate('the-secret')?.requestsPerMinute, 1)
    t.strictSame(gone, [])
    await a.keys.revoke(key.id, START, () => true, anAuditEntry())
    t.ok(b.keyring.authenticate('the-secret'))
    await b.refresh()
    t.equal(b.keyring.authenticate('the-secret'), null)
    t.strictSame(gone, ['marketing'], 'and what is not sent of it is ended')
    t.equal(b.keyring.holds({ tenant: 'studio', key: 'marketing' }), false)
    t.strictSame(b.refreshed, ['keys', 'keys', 'keys'])
  })

  await t.test('a revocation here is not undone by what was read before it', async (t) => {
    const { a } = await nodes(t)
    const key = aKey({ secrets: [secret] })
    await a.keys.insert(key, anAuditEntry(), 10)
    a.keyring.put(key)
    let reads = 0
    const read = async () => {
      const found = await a.keys.unrevoked()
      if (reads++ === 0) {
        await a.keys.revoke(key.id, START, () => true, anAuditEntry())
        a.keyring.put(revoke(key, START))
      }
      return found
    }
    a.keyring.replaceMade(await readUnchanged(a.keyring.putCount, read))
    t.equal(a.keyring.authenticate('the-secret'), null)
  })

  await t.test('sessions that another node ended or pushed out, for calls that are open', async (t) => {
    const { a, b } = await nodes(t)
    const key = aKey({ secrets: [secret] })
    await a.keys.insert(key, anAuditEntry(), 10)
    for (const each of [a, b]) await each.refresh()
    const { client, token } = await a.sessions.open(clientOfKey(key), 'the-secret', null)
    const found = await b.sessions.find(token)
    if (found.type !== 'open') throw new Error('the session is not found')
    t.ok(b.sessions.isOpen(found.client))
    b.refreshed.length = 0
    await b.refresh()
    t.strictSame(b.refreshed, [], 'a session that is made or used is read by nobody')
    await a.sessions.endAll(client)
    t.ok(b.sessions.isOpen(found.client))
    await b.refresh()
    t.notOk(b.sessions.isOpen(found.client))

    const first = await a.sessions.open(clientOfKey(key), 'the-secret', null)
    const open = await b.sessions.find(first.token)
    for (let count = 0; count < 20; count++) await a.sessions.open(clientOfKey(key), 'the-secret', null)
    await b.refresh()
    t.ok(open.type === 'open' && !b.sessions.isOpen(open.client), 'one more than a key may have')
  })

  await t.test('pauses and the hold after a restore', async (t) => {
    const { a, b } = await nodes(t)
    await a.pauses.pause(admin, 'reseller-a', { reason: 'a bill', until: null })
    await a.pauses.pause(admin, '*', { reason: 'all', until: START + 5 })
    await b.refresh()
    t.match(b.pauses.of('reseller-a'), { reason: 'all' })
    await a.pauses.resume(admin, '*')
    await b.refresh()
    t.match(b.pauses.of('reseller-a'), { reason: 'a bill' })
    await a.pauses.resume(admin, 'reseller-a')
    await b.refresh()
    t.equal(b.pauses.of('reseller-a'), null)

    await a.holds.hold(START - 5)
    await b.refresh()
    t.equal(b.hold.since(), START - 5)
    await a.hold.release(admin)
    await b.refresh()
    t.equal(b.hold.since(), null)
    await a.holds.keepSearch({ upstream: 'x', state: 'searched', searchedAt: 1, message: null, jobs: [] })
    b.refreshed.length = 0
    await b.refresh()
    t.strictSame(b.refreshed, [], 'the rest of what the installation keeps is no hold')
  })

  await t.test('what cannot be read is read in the next round', async (t) => {
    const database = await openPostgres({ url: await create(), connections: 4 })
    t.teardown(() => database.close())
    let works = false
    let reads = 0
    const pauses = async () => {
      if (!works) throw new Error('away')
      reads += 1
    }
    const copies = { keys: none, sessions: none, hold: none, breakers: none, pauses }
    const refresh = createRefreshCopies(createCopyVersions(database), copies)
    await (
      await createPauses({ pauseStore: createPauseStore(database), clock, ids })
    ).pause(admin, '*', {
      reason: '',
      until: null,
    })
    await t.rejects(refresh(), { message: 'away' })
    works = true
    t.equal(await refresh(), 1)
    t.equal(await refresh(), 0)
    t.equal(reads, 1)
  })

  await t.test('the nodes are told with the commit, also those that no node told', async (t) => {
    const { a, url } = await nodes(t)
    const notices = openNotices({ options: { connectionString: url }, logger })
    t.teardown(() => notices[Symbol.asyncDispose]())
    await new Promise<void>((resolve) => void notices.listen({ missed: resolve }))
    let told = 0
    const heard = new Promise<void>((resolve) => {
      notices.listen({
        copies() {
          told += 1
          resolve()
        },
      })
    })
    await a.pauses.pause(admin, '*', { reason: '', until: null })
    await heard
    t.equal(told, 1)
  })
})
