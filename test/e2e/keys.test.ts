import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const body = { prompt: 'a mill by a river', duration: 10 }
const DAY = 24 * 3600_000

async function withAdmin(t: Test, options: Parameters<typeof startGateway>[1] = {}) {
  const gateway = await startGateway(t, options)
  const admin = bearer(gateway.container.adminKey ?? '')
  const make = async (input: object) => {
    const answer = await gateway.call('POST', '/keys', input, admin)
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
    return { ...answer.body, as: bearer(answer.body.secret) }
  }
  return { gateway, admin, make }
}

async function opens(gateway: Gateway, headers: Record<string, string>): Promise<boolean> {
  const { status } = await gateway.call('GET', '/generations', undefined, headers)
  return status === 200
}

t.test('the first start makes a key that administers, shows it once, and keeps no secret', async (t) => {
  const { gateway, admin, make } = await withAdmin(t)
  const adminKey = gateway.container.adminKey ?? ''
  t.match(adminKey, /^und_[\w-]{43}$/)
  const made = await make({ name: 'marketing' })
  await gateway.call('POST', `/keys/${made.id}/rotate`, {}, admin)
  const shown = await gateway.call('GET', '/keys', undefined, admin)
  t.match(shown.body.data, [
    { name: 'marketing', source: 'api', state: 'active', secrets: [{}, { hint: made.secret.slice(-4) }] },
    { name: 'admin', source: 'api', scopes: ['admin'], tenant: 'admin' },
    { name: 'studio', source: 'config', secrets: [], created_at: null },
    { name: 'bank', source: 'config', allow: ['official'] },
    { name: 'other', source: 'config' },
  ])

  await gateway.restart()
  t.equal(gateway.container.adminKey, null)
  t.equal((await gateway.call('GET', '/keys', undefined, admin)).status, 200, 'it is still valid')
  t.ok(await opens(gateway, made.as), 'so is what it made')
  for (const file of await readdir(gateway.directory, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const bytes = await readFile(join(file.parentPath, file.name), 'latin1')
    for (const secret of [adminKey, made.secret, keys.studio]) t.notOk(bytes.includes(secret), file.name)
  }
})

t.test('no key is made where somebody can administer', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['admin'] } } })
  t.equal(gateway.container.adminKey, null)
  const { body } = await gateway.call('GET', '/keys', undefined, bearer(keys.other))
  t.equal(body.data.length, 3)
})

t.test('a key administers or it does not', async (t) => {
  const { gateway, admin, make } = await withAdmin(t)
  const reader = await make({ name: 'reader', tenant: 'studio', scopes: ['read'] })
  const generation = await gateway.generate(body)
  t.equal((await gateway.call('GET', `/generations/${generation.id}`, undefined, reader.as)).status, 200)
  t.equal((await gateway.call('POST', '/generate', body, reader.as)).status, 403)
  for (const [method, path, input] of [
    ['GET', '/keys'],
    ['GET', `/keys/${reader.id}`],
    ['POST', '/keys', { name: 'mine', scopes: ['admin'] }],
    ['POST', `/keys/${reader.id}/rotate`],
    ['DELETE', `/keys/${reader.id}`],
  ] as const) {
    t.equal((await gateway.call(method, path, input, reader.as)).status, 403, `${method} ${path}`)
    t.equal((await gateway.call(method, path, input)).status, 403, `${method} ${path}`)
  }
  t.equal((await gateway.call('GET', '/generations', undefined, admin)).status, 403)
})

t.test('a rotated key has two secrets until the grace of the old one is over', async (t) => {
  const { gateway, admin, make } = await withAdmin(t)
  const made = await make({ name: 'marketing' })
  const rotated = await gateway.call('POST', `/keys/${made.id}/rotate`, { grace_seconds: 3600 }, admin)
  const renewed = bearer(rotated.body.secret)
  t.same([await opens(gateway, made.as), await opens(gateway, renewed)], [true, true])
  t.equal(rotated.body.secrets.length, 2)
  await gateway.advance(3_600_000)
  t.same([await opens(gateway, made.as), await opens(gateway, renewed)], [false, true])
  const later = await gateway.call('GET', `/keys/${made.id}`, undefined, admin)
  t.equal(later.body.secrets.length, 1)
  const again = await gateway.call('POST', `/keys/${made.id}/rotate`, { grace_seconds: 0 }, admin)
  t.same([await opens(gateway, renewed), await opens(gateway, bearer(again.body.secret))], [false, true])
})

t.test('an expired key opens nothing, and a revoked one neither, at once and after a restart', async (t) => {
  const { gateway, admin, make } = await withAdmin(t)
  const expires = new Date(gateway.now() + DAY).toISOString()
  const [brief, revoked] = [await make({ name: 'brief', expires_at: expires }), await make({ name: 'gone' })]
  const started = await gateway.call('POST', '/generate', body, revoked.as)
  await gateway.advance(1000)
  t.equal((await gateway.call('DELETE', `/keys/${revoked.id}`, undefined, admin)).status, 204)
  t.equal(await opens(gateway, revoked.as), false)
  t.equal((await gateway.call('DELETE', `/keys/${revoked.id}`, undefined, admin)).status, 204, 'as before')
  for (let seconds = 0; seconds < 20; seconds++) await gateway.advance(1000)
  t.ok(await opens(gateway, brief.as))
  await gateway.advance(DAY)
  t.equal(await opens(gateway, brief.as), false)
  await gateway.restart()
  t.same([await opens(gateway, brief.as), await opens(gateway, revoked.as)], [false, false])
  const { body: list } = await gateway.call('GET', '/keys?limit=2', undefined, admin)
  t.match(list, {
    data: [
      { name: 'gone', state: 'revoked' },
      { name: 'brief', state: 'expired' },
    ],
    has_more: true,
  })
  t.equal((await gateway.call('POST', `/keys/${brief.id}/rotate`, {}, admin)).status, 409)

  const heir = await make({ name: 'gone', scopes: ['read'] })
  const paid = await gateway.call('GET', `/generations/${started.body.id}`, undefined, heir.as)
  t.equal(paid.body.status, 'completed', 'what was under way was finished, and belongs to the tenant')
})

t.test(
  'what a key may use holds when planning, when generating, when falling back and when binding',
  async (t) => {
    const { gateway, make } = await withAdmin(t)
    const one = await make({ name: 'one', upstreams: ['reseller'], models: ['sora-2'] })
    gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
    const failed = await gateway.generate(body, one.as)
    t.equal(failed.status, 'failed')
    t.match(failed.route.excluded, [{ upstream: 'official', code: 'not_in_allow_list', detail: /This key/ }])
    t.same(gateway.simulator.control.renders('official'), [])

    const other = await make({ name: 'two', upstreams: ['official'] })
    const plan = await gateway.call(
      'POST',
      '/route',
      { ...body, routing: { upstreams: ['reseller'] } },
      other.as,
    )
    t.equal(plan.status, 422, 'a request cannot widen it')
    const estimate = await gateway.call('POST', '/estimates', { count: 1 }, other.as)
    t.match(estimate.body.data, [{ policy: 'cost', upstream: 'official' }, {}, {}, { upstream: null }])

    const video = (await gateway.generate({ ...body, routing: { upstreams: ['official'] } })).id
    const twin = await make({ name: 'three', tenant: 'studio', upstreams: ['official'] })
    await gateway.call('POST', '/characters', { name: 'teller', generation_id: video })
    const bound = await gateway.call('POST', '/characters/teller/bindings', undefined, twin.as)
    t.same(bound.body.bindings, [])
    t.same(gateway.simulator.control.characters(), [])

    const models = await make({ name: 'four', models: ['sora-2'] })
    const refused = await gateway.call('POST', '/generate', { ...body, model: 'veo-3' }, models.as)
    t.match(refused.body, {
      code: 'no_upstream',
      excluded: [{ code: 'model_unsupported', detail: /This key/ }],
    })
  },
)

t.test('the limits of a made key hold like those of a configured one', async (t) => {
  const { gateway, make } = await withAdmin(t)
  const poor = await make({ name: 'poor', monthly_budget_usd: 0.12, max_in_flight: 1 })
  const cheap = { ...body, routing: { upstreams: ['reseller'] } }
  const first = await gateway.call('POST', '/generate', cheap, poor.as)
  t.equal(first.status, 202)
  t.equal((await gateway.call('POST', '/generate', cheap, poor.as)).status, 402)
  const busy = await make({ name: 'busy', max_in_flight: 1 })
  await gateway.call('POST', '/generate', cheap, busy.as)
  const second = await gateway.call('POST', '/generate', cheap, busy.as)
  t.match(second, { status: 429, body: { code: 'too_many_in_flight' } })
  t.match(second.headers.get('retry-after'), /^\d+$/)
  const hasty = await make({ name: 'hasty', requests_per_minute: 1 })
  t.same([await opens(gateway, hasty.as), await opens(gateway, hasty.as)], [true, false])
})

t.test('what cannot be is refused, and says why', async (t) => {
  const { gateway, admin, make } = await withAdmin(t)
  await make({ name: 'taken' })
  for (const [input, status, pointer] of [
    [{ name: 'taken' }, 409, '/name'],
    [{ name: 'studio' }, 409, '/name'],
    [{ name: 'x', upstreams: ['resellr'] }, 400, '/upstreams'],
    [{ name: 'x', models: ['sora-3'] }, 400, '/models'],
    [{ name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 400, '/expires_at'],
  ] as const) {
    const answer = await gateway.call('POST', '/keys', input, admin)
    t.equal(answer.status, status, JSON.stringify(input))
    t.equal(answer.body.errors[0].pointer, pointer)
  }
  const { body: list } = await gateway.call('GET', '/keys', undefined, admin)
  const idOf = (name: string) => list.data.find((key: { name: string }) => key.name === name).id
  t.equal((await gateway.call('DELETE', `/keys/${idOf('studio')}`, undefined, admin)).status, 409)
  t.equal((await gateway.call('POST', `/keys/${idOf('studio')}/rotate`, {}, admin)).status, 409)
  t.equal((await gateway.call('GET', `/keys/${idOf('studio')}`, undefined, admin)).status, 200)
  const last = await gateway.call('DELETE', `/keys/${idOf('admin')}`, undefined, admin)
  t.match(last.body, { status: 409, detail: /last key with the scope admin/ })
  const none = `key_${'0'.repeat(26)}`
  for (const [method, path] of [
    ['GET', `/keys/${none}`],
    ['DELETE', `/keys/${none}`],
    ['POST', `/keys/${none}/rotate`],
  ] as const) {
    t.equal((await gateway.call(method, path, undefined, admin)).status, 404, `${method} ${path}`)
  }
})

t.test('keys are listed in pages that meet', async (t) => {
  const { gateway, admin, make } = await withAdmin(t)
  for (const name of ['a', 'b', 'c']) await make({ name })
  const names: string[] = []
  let cursor = ''
  do {
    const { body: page } = await gateway.call('GET', `/keys?limit=2${cursor}`, undefined, admin)
    names.push(...page.data.map((key: { name: string }) => key.name))
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`
  } while (cursor !== '')
  t.same(names, ['c', 'b', 'a', 'admin', 'studio', 'bank', 'other'])
})
