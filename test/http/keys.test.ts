import t from 'tap'
import { KeyDto, MadeKeyDto } from '../../src/gateway/http/schemas/accounts/key.ts'
import { keyId } from './samples.ts'
import { createStubs, keys, serve } from './stub-services.ts'

const asAdmin = { authorization: `Bearer ${keys.admin}` }

t.test('a made key is shown with its secret, once, and no cache keeps it', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const payload = {
    name: 'marketing',
    tenant: 'studio',
    scopes: ['generate', 'read'],
    allow: ['official'],
    upstreams: ['openai'],
    models: ['sora-2'],
    monthly_budget_usd: 0.000001,
    requests_per_minute: 120,
    max_in_flight: 20,
    expires_at: '2027-01-01T01:00:00+01:00',
  }
  const answer = await app.inject({ method: 'POST', url: '/keys', headers: asAdmin, payload })
  t.equal(answer.statusCode, 201)
  t.match(answer.headers, { location: `/keys/${keyId}`, 'cache-control': 'no-store' })
  t.strictSame(MadeKeyDto.parse(answer.json()), answer.json())
  t.equal(answer.json().secret, 'und_shown-once')
  t.strictSame(stubs.seen.calls, [
    `create key ${JSON.stringify({
      name: 'marketing',
      tenant: 'studio',
      scopes: ['generate', 'read'],
      allow: ['official'],
      allowUpstreams: ['openai'],
      allowModels: ['sora-2'],
      monthlyBudgetMicros: 1,
      requestsPerMinute: 120,
      maxInFlight: 20,
      expiresAt: Date.UTC(2027, 0, 1),
    })}`,
  ])

  for (const url of ['/keys', `/keys/${keyId}`]) {
    const shown = await app.inject({ url, headers: asAdmin })
    t.equal(shown.statusCode, 200)
    t.notMatch(shown.body, /und_|hash/, 'nowhere else')
  }
  const one = await app.inject({ url: `/keys/${keyId}`, headers: asAdmin })
  t.strictSame(KeyDto.parse(one.json()), one.json())
})

t.test('what is not said of a key is a key that may generate without limits', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  await app.inject({ method: 'POST', url: '/keys', headers: asAdmin, payload: { name: 'x' } })
  t.match(
    stubs.seen.calls[0],
    /"tenant":null,"scopes":\["generate"\],"allow":\["official","reverse","self_hosted"\]/,
  )
  t.match(stubs.seen.calls[0], /"allowUpstreams":null,"allowModels":null,"monthlyBudgetMicros":null/)
})

t.test('what no key can be is told by its pointer', async (t) => {
  const app = await serve(t)
  for (const [payload, pointer] of [
    [{}, '/name'],
    [{ name: 'a b' }, '/name'],
    [{ name: '=cmd' }, '/name'],
    [{ name: 'x', tenant: '' }, '/tenant'],
    [{ name: 'x', scopes: [] }, '/scopes'],
    [{ name: 'x', scopes: ['write'] }, '/scopes/0'],
    [{ name: 'x', allow: ['official', 'official'] }, '/allow'],
    [{ name: 'x', upstreams: [] }, '/upstreams'],
    [{ name: 'x', monthly_budget_usd: -1 }, '/monthly_budget_usd'],
    [{ name: 'x', max_in_flight: 0 }, '/max_in_flight'],
    [{ name: 'x', expires_at: 'tomorrow' }, '/expires_at'],
    [{ name: 'x', key: 'my-own-secret' }, '/key'],
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: '/keys', headers: asAdmin, payload })
    t.equal(answer.statusCode, 400, JSON.stringify(payload))
    t.equal(answer.json().errors[0].pointer, pointer, JSON.stringify(payload))
  }
})

t.test('a rotation takes a grace, and a day where none is said', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const url = `/keys/${keyId}/rotate`
  const rotated = await app.inject({ method: 'POST', url, headers: asAdmin, payload: { grace_seconds: 60 } })
  t.equal(rotated.json().secret, 'und_shown-once')
  t.equal(rotated.headers['cache-control'], 'no-store')
  await app.inject({ method: 'POST', url, headers: asAdmin })
  t.strictSame(stubs.seen.calls, [`rotate ${keyId} 60000`, `rotate ${keyId} 86400000`])
  const odd = await app.inject({ method: 'POST', url, headers: asAdmin, payload: { grace_seconds: -1 } })
  t.equal(odd.json().errors[0].pointer, '/grace_seconds')
})

t.test('lists are pages, and what is no id of a key is not there', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const answer = await app.inject({ url: `/keys?limit=1&cursor=${keyId}`, headers: asAdmin })
  t.match(answer.json(), { data: [{ id: keyId }], has_more: true, next_cursor: keyId })
  t.strictSame(stubs.seen.calls, [`list keys {"before":"${keyId}","limit":1}`])
  t.equal((await app.inject({ url: '/keys/marketing', headers: asAdmin })).statusCode, 404)
  const revoked = await app.inject({ method: 'DELETE', url: `/keys/${keyId}`, headers: asAdmin })
  t.equal(revoked.statusCode, 204)
})
