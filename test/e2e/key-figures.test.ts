import t from 'tap'
import { keys, startGateway } from './gateway.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const cheap = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }
const none = { spent_this_month_usd: 0, reserved_this_month_usd: 0, in_flight: 0 }

t.test('a key says what is spent and reserved of its budget, and when the next one begins', async (t) => {
  const gateway = await startGateway(t)
  const admin = bearer(gateway.container.adminKey ?? '')
  const input = { name: 'marketing', tenant: 'film', monthly_budget_usd: 0.36 }
  const { body: made } = await gateway.call('POST', '/keys', input, admin)
  const as = bearer(made.secret)
  const figures = async () => {
    const { spent_this_month_usd, reserved_this_month_usd, in_flight, budget_resets_at } = (
      await gateway.call('GET', '/keys/me', undefined, as)
    ).body
    t.equal(budget_resets_at > new Date(gateway.now()).toISOString(), true)
    t.match(budget_resets_at, /-01T00:00:00\.000Z$/)
    return { spent_this_month_usd, reserved_this_month_usd, in_flight }
  }
  const generate = (change = {}) => gateway.call('POST', '/generate', { ...cheap, ...change }, as)
  t.match(made, none)
  const [first, second] = [(await generate()).body, (await generate({ prompt: 'something forbidden' })).body]
  t.strictSame(await figures(), { spent_this_month_usd: 0, reserved_this_month_usd: 0.24, in_flight: 2 })
  t.equal((await gateway.finished(first.id, as)).status, 'completed')
  t.equal((await gateway.finished(second.id, as)).status, 'failed')
  t.strictSame(await figures(), { spent_this_month_usd: 0.12, reserved_this_month_usd: 0, in_flight: 0 })
  t.same([(await generate()).status, (await generate()).status, (await generate()).status], [202, 202, 402])
  const full = { spent_this_month_usd: 0.12, reserved_this_month_usd: 0.24, in_flight: 2 }
  t.strictSame(await figures(), full)

  const listed = (await gateway.call('GET', '/keys', undefined, admin)).body.data
  t.match(
    listed.find(({ id }: { id: string }) => id === made.id),
    full,
  )
  t.match((await gateway.call('GET', `/keys/${made.id}`, undefined, admin)).body, full)
  t.match((await gateway.call('PATCH', `/keys/${made.id}`, { max_in_flight: 5 }, admin)).body, full)
  t.match((await gateway.call('POST', `/keys/${made.id}/rotate`, {}, admin)).body, full)
  await gateway.call('DELETE', `/keys/${made.id}`, undefined, admin)
  const { body: heir } = await gateway.call('POST', '/keys', input, admin)
  t.match(heir, full, 'a budget is that of a name and tenant')
})

t.test('every key may see itself, and none of the others', async (t) => {
  const gateway = await startGateway(t)
  const admin = bearer(gateway.container.adminKey ?? '')
  await gateway.generate(cheap)
  const own = async (as: Record<string, string>) =>
    (await gateway.call('GET', '/keys/me', undefined, as)).body
  t.match(await own(admin), { name: 'admin', source: 'api', scopes: ['admin'], ...none })
  const spent = { ...none, spent_this_month_usd: 0.12 }
  t.match(await own(bearer(keys.studio)), { name: 'studio', source: 'config', secrets: [], ...spent })
  for (const scope of ['read', 'operate']) {
    const { body: made } = await gateway.call('POST', '/keys', { name: scope, scopes: [scope] }, admin)
    const { secret, ...rest } = made
    t.equal(rest.last_used_at, null)
    const last_used_at = new Date(gateway.now()).toISOString()
    t.strictSame(await own(bearer(secret)), { ...rest, last_used_at })
    t.equal((await gateway.call('GET', `/keys/${made.id}`, undefined, bearer(secret))).status, 403)
  }
  t.equal((await gateway.call('GET', '/keys/me', undefined, bearer('und_nobody'))).status, 401)
})

t.test('a key says when it was last used, also one of the configuration, and after a restart', async (t) => {
  const gateway = await startGateway(t)
  const admin = bearer(gateway.container.adminKey ?? '')
  const { body: made } = await gateway.call('POST', '/keys', { name: 'marketing' }, admin)
  t.equal(made.last_used_at, null)
  const uses = async () => {
    const { data } = (await gateway.call('GET', '/keys', undefined, admin)).body
    const all = data.map(({ name, last_used_at }: { name: string; last_used_at: string }) => [
      name,
      last_used_at,
    ])
    const { marketing, studio, other } = Object.fromEntries(all)
    return { marketing, studio, other }
  }
  t.same(await uses(), { marketing: null, studio: null, other: null })
  await gateway.advance(60_000)
  const at = new Date(gateway.now()).toISOString()
  t.equal(
    (await gateway.call('GET', '/audit', undefined, bearer(made.secret))).status,
    403,
    'refused, but used',
  )
  await gateway.call('GET', '/models')
  t.equal((await gateway.call('GET', '/models', undefined, bearer('und_nobody'))).status, 401)
  await gateway.advance(60_000)
  t.same(await uses(), { marketing: at, studio: at, other: null })
  await gateway.restart()
  t.same(await uses(), { marketing: at, studio: at, other: null })
  const now = new Date(gateway.now()).toISOString()
  t.equal((await gateway.call('GET', '/keys/me')).body.last_used_at, now, 'this request is a use')
})
