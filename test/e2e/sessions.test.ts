import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const named = /^understudy_session=([\w-]{43}); Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/

/** As a browser: without a key of its own. */
async function browse(
  gateway: Gateway,
  method: string,
  path: string,
  { body, ...headers }: Record<string, unknown> = {},
) {
  const sent = new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  if (body !== undefined) sent.set('content-type', 'application/json')
  const answered = await fetch(`${gateway.address}${path}`, {
    method,
    headers: sent,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answered.text()
  return { status: answered.status, headers: answered.headers, body: text === '' ? '' : JSON.parse(text) }
}

/** A browser that is signed in: what it sends with a read, and with a write. */
async function signIn(t: Test, gateway: Gateway, key: string) {
  const { status, headers, body } = await browse(gateway, 'POST', '/console/session', { body: { key } })
  t.equal(status, 201)
  const [, token = ''] = named.exec(headers.get('set-cookie') ?? '') ?? []
  t.not(token, '')
  t.notMatch(JSON.stringify(body), token)
  const cookie = `understudy_session=${token}`
  return { id: body.id, token, reads: { cookie }, writes: { cookie, origin: gateway.address } }
}

async function makeKey(gateway: Gateway, input: object) {
  const admin = bearer(gateway.container.adminKey ?? '')
  return { admin, made: (await gateway.call('POST', '/keys', input, admin)).body }
}

/** The status of a call that needs a key. */
async function asked(gateway: Gateway, headers: Record<string, string>): Promise<number> {
  return (await browse(gateway, 'GET', '/generations', headers)).status
}

t.test('a key is exchanged for a cookie, which does what the key may do', async (t) => {
  const gateway = await startGateway(t)
  const anonymous = await browse(gateway, 'GET', '/console/session')
  t.strictSame([anonymous.status, anonymous.body], [200, null], 'signed out is no error')
  const browser = await signIn(t, gateway, keys.studio)
  const { body } = await browse(gateway, 'GET', '/console/session', browser.reads)
  t.match(body, { object: 'session', key: { name: 'studio' }, tenant: 'studio', current: true })
  t.equal(Date.parse(body.expires_at) - Date.parse(body.created_at), 12 * 3600_000)
  t.equal(await asked(gateway, browser.reads), 200)
  t.equal((await browse(gateway, 'GET', '/audit', browser.reads)).status, 403, 'and no more')
  const made = await browse(gateway, 'POST', '/generate', {
    ...browser.writes,
    body: { prompt: 'a mill', duration: 10 },
  })
  t.equal(made.status, 202)
  t.equal((await gateway.call('GET', `/generations/${made.body.id}`)).status, 200, 'of the same tenant')
})

t.test('a wrong key is told so, and counts like a wrong bearer token', async (t) => {
  const gateway = await startGateway(t)
  const { status, body, headers } = await browse(gateway, 'POST', '/console/session', {
    body: { key: 'und_wrong' },
  })
  t.equal(status, 401)
  t.match(body, { code: 'unauthorized', detail: /^The API key is not valid/, errors: [{ pointer: '/key' }] })
  t.equal(headers.get('set-cookie'), null)
  for (const input of [{}, { key: 'a', ticket: 'b' }, { key: '' }, { password: 'x' }, []])
    t.equal((await browse(gateway, 'POST', '/console/session', { body: input })).status, 400)
  let last = 0
  for (let tries = 0; tries < 25 && last !== 429; tries += 1)
    last = (await browse(gateway, 'POST', '/console/session', { body: { key: 'und_wrong' } })).status
  t.equal(last, 429)
  t.equal((await browse(gateway, 'GET', '/generations', bearer('und_wrong'))).status, 429)
  const guess = { cookie: `understudy_session=${'a'.repeat(43)}` }
  t.equal(await asked(gateway, guess), 429, 'a guessed cookie counts as well')
  await signIn(t, gateway, keys.studio)
})

t.test('signing out, revoking, rotating without grace and expiry end a session at once', async (t) => {
  const gateway = await startGateway(t)
  const out = await signIn(t, gateway, keys.studio)
  const left = await browse(gateway, 'DELETE', '/console/session', out.writes)
  t.equal(left.status, 204)
  t.match(left.headers.get('set-cookie'), /^understudy_session=; .*Max-Age=0$/)
  const after = await browse(gateway, 'GET', '/generations', out.reads)
  t.equal(after.status, 401)
  t.match(after.body, { code: 'unauthorized', detail: 'The session has ended. Sign in again.' })
  const signedOut = await browse(gateway, 'GET', '/console/session', out.reads)
  t.strictSame([signedOut.status, signedOut.body], [200, null])

  const expires_at = new Date(gateway.now() + 3600_000).toISOString()
  const { admin, made: short } = await makeKey(gateway, { name: 'short', expires_at })
  const { made: revoked } = await makeKey(gateway, { name: 'revoked' })
  const { made: rotated } = await makeKey(gateway, { name: 'rotated' })
  const sessions = [short, revoked, rotated].map(({ secret }) => signIn(t, gateway, secret))
  const [ofShort, ofRevoked, ofRotated] = await Promise.all(sessions)
  await gateway.call('DELETE', `/keys/${revoked.id}`, undefined, admin)
  t.equal(await asked(gateway, ofRevoked?.reads ?? {}), 401)
  await gateway.call('POST', `/keys/${rotated.id}/rotate`, { grace_seconds: 60 }, admin)
  t.equal(await asked(gateway, ofRotated?.reads ?? {}), 200, 'while the old secret is valid')
  await gateway.call('POST', `/keys/${rotated.id}/rotate`, { grace_seconds: 0 }, admin)
  t.equal(await asked(gateway, ofRotated?.reads ?? {}), 401)
  t.equal(await asked(gateway, ofShort?.reads ?? {}), 200)
  gateway.setClock(3600_000)
  t.equal(await asked(gateway, ofShort?.reads ?? {}), 401)
  const browser = await signIn(t, gateway, keys.studio)
  gateway.setClock(12 * 3600_000 - 1)
  t.equal(await asked(gateway, browser.reads), 200)
  gateway.setClock(1)
  t.equal(await asked(gateway, browser.reads), 401, 'however much it was used')
})

t.test('a session survives a restart, and its token is nowhere on the disk', async (t) => {
  const gateway = await startGateway(t)
  const browser = await signIn(t, gateway, keys.studio)
  await gateway.restart()
  const files = await readdir(gateway.directory, { recursive: true, withFileTypes: true })
  for (const file of files.filter((each) => each.isFile()))
    t.notOk((await readFile(join(file.parentPath, file.name))).includes(browser.token), file.name)
  t.equal(await asked(gateway, browser.reads), 200)
  await browse(gateway, 'DELETE', '/console/session', { ...browser.writes, origin: gateway.address })
  t.equal(await asked(gateway, browser.reads), 401)
  await gateway.restart()
  t.equal(await asked(gateway, browser.reads), 401, 'and stays ended')
})

t.test('a write of another site is refused, whatever the cookie is worth', async (t) => {
  const gateway = await startGateway(t)
  const { writes, reads } = await signIn(t, gateway, keys.studio)
  const body = { prompt: 'a mill', duration: 10 }
  for (const origin of ['http://evil.test', 'null', `${gateway.address}.evil.test`, 'http://127.0.0.1', '']) {
    const refused = await browse(gateway, 'POST', '/generate', { ...writes, origin, body })
    t.equal(refused.status, 403, origin)
    t.match(refused.body, { code: 'cross_site', errors: [{ pointer: '#/headers/origin' }] })
  }
  t.match(await browse(gateway, 'POST', '/generate', { ...reads, body }), {
    status: 403,
    body: { code: 'cross_site' },
  })
  t.equal((await browse(gateway, 'DELETE', '/console/session', reads)).status, 403)
  t.equal(
    await asked(gateway, { ...reads, origin: 'http://evil.test' }),
    200,
    'what changes nothing is not asked',
  )
  const withKey = { ...bearer(keys.studio), origin: 'http://evil.test' }
  t.equal(
    (await browse(gateway, 'POST', '/generate', { ...withKey, body })).status,
    202,
    'nor is who sends a key',
  )
  const elsewhere = { origin: 'http://evil.test', body: { key: keys.studio } }
  const signedIn = await browse(gateway, 'POST', '/console/session', elsewhere)
  t.equal(signedIn.status, 403, 'no other site signs anybody in')
})

t.test('a cookie beside a key is not looked at', async (t) => {
  const gateway = await startGateway(t)
  const { reads } = await signIn(t, gateway, keys.studio)
  t.equal(await asked(gateway, { ...reads, ...bearer('und_wrong') }), 401)
  t.equal(await asked(gateway, { ...reads, 'api-key': 'und_wrong' }), 401)
  t.equal(await asked(gateway, { cookie: 'understudy_session=', ...bearer(keys.other) }), 200)
})

t.test('a key sees and ends its own sessions, an administrator those of all keys', async (t) => {
  const gateway = await startGateway(t)
  const admin = bearer(gateway.container.adminKey ?? '')
  const list = async (headers: Record<string, string>) =>
    (await browse(gateway, 'GET', '/console/sessions', headers)).body.data
  const [first, second] = [await signIn(t, gateway, keys.studio), await signIn(t, gateway, keys.studio)]
  const other = await signIn(t, gateway, keys.other)
  t.match(await list(first.reads), [
    { id: second.id, current: false },
    { id: first.id, current: true, address: '127.0.0.1', key: { name: 'studio' } },
  ])
  t.equal((await list(first.reads)).length, 2)
  t.strictSame(
    (await list(admin)).map(({ id }: { id: string }) => id),
    [other.id, second.id, first.id],
  )
  const end = async (id: string, headers: Record<string, string>) =>
    (await browse(gateway, 'DELETE', `/console/sessions/${id}`, headers)).status
  t.equal(await end(other.id, first.writes), 404, 'of another key')
  t.equal(await asked(gateway, other.reads), 200)
  t.equal(await end(second.id, first.writes), 204)
  t.equal(await end(second.id, first.writes), 404, 'ended already')
  t.equal(await asked(gateway, second.reads), 401)
  t.equal(await end(other.id, admin), 204)
  t.equal(await asked(gateway, other.reads), 401)
  const third = await signIn(t, gateway, keys.studio)
  t.equal((await browse(gateway, 'DELETE', '/console/sessions', first.writes)).status, 204)
  t.strictSame([await asked(gateway, first.reads), await asked(gateway, third.reads)], [401, 401])
  const { data } = (await gateway.call('GET', '/audit?limit=100', undefined, admin)).body
  const told = (action: string) => data.filter((entry: { action: string }) => entry.action === action)
  t.equal(told('session.created').length, 4)
  t.match(told('session.ended'), [{ key: 'studio' }, { key: 'studio' }, { key: 'admin' }, { key: 'studio' }])
})

t.test('one session more than a key may have ends the one that was used least recently', async (t) => {
  const gateway = await startGateway(t)
  const [kept, forgotten] = [await signIn(t, gateway, keys.studio), await signIn(t, gateway, keys.studio)]
  gateway.setClock(60_000)
  t.equal(await asked(gateway, kept.reads), 200)
  for (let more = 0; more < 18; more += 1) await signIn(t, gateway, keys.studio)
  gateway.setClock(60_000)
  t.equal(await asked(gateway, kept.reads), 200)
  await signIn(t, gateway, keys.other)
  await signIn(t, gateway, keys.studio)
  t.strictSame([await asked(gateway, kept.reads), await asked(gateway, forgotten.reads)], [200, 401])
})

t.test('an open call ends with its session', async (t) => {
  const gateway = await startGateway(t)
  const { reads, writes } = await signIn(t, gateway, keys.studio)
  const { id } = (await gateway.call('POST', '/generate', { prompt: 'a mill', duration: 10 })).body
  const stream = await fetch(`${gateway.address}/generations/${id}/events`, { headers: reads })
  t.equal(stream.status, 200)
  await browse(gateway, 'DELETE', '/console/session', writes)
  await stream.text()
  t.pass('the stream has ended')
})
