import t from 'tap'
import type { Test } from 'tap'
import { startGateway } from '../e2e/gateway.ts'
import { world } from './world.ts'

async function start(t: Test) {
  const gateway = await startGateway(t)
  const { run } = await world(t, gateway.address)
  const as = (key: string | null) => ({
    env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: key ?? '' },
  })
  const admin = as(gateway.container.adminKey)
  return {
    gateway,
    run,
    as,
    admin,
    json: async (...args: string[]) => {
      const { out, err } = await run([...args, '--json'], admin)
      if (err !== '') throw new Error(err)
      return JSON.parse(out)
    },
  }
}

t.test('keys are created, shown, changed, rotated and revoked from the command line', async (t) => {
  const { gateway, run, as, admin, json } = await start(t)
  const made = await run(
    ['keys', 'create', 'marketing', '-t', 'film', '-s', 'generate,read', '-b', '0.5'],
    admin,
  )
  t.match(made, {
    code: 0,
    out: /^und_\S+\n$/,
    err: /^marketing {2}key_\w{26}\nThe secret is shown only once:\n$/,
  })
  const own = as(made.out.trim())
  t.match(await run(['keys', 'show'], own), {
    code: 0,
    out: /tenant +film\n(?:.*\n)*budget +\$0\.50 a month; \$0\.00 spent, \$0\.00 reserved\ntenant budget +no limit/,
  })
  t.match(await json('keys', 'show', 'marketing'), {
    name: 'marketing',
    scopes: ['generate', 'read'],
    models: null,
  })

  const changed = [
    '--budget',
    'none',
    '--models',
    'sora-2',
    '--max-in-flight',
    '3',
    '--expires',
    '2099-01-01T00:00:00Z',
  ]
  t.match(await json('keys', 'update', 'marketing', ...changed), {
    monthly_budget_usd: null,
    models: ['sora-2'],
    max_in_flight: 3,
    expires_at: '2099-01-01T00:00:00.000Z',
    scopes: ['generate', 'read'],
  })
  t.match(await json('keys', 'update', 'marketing', '--models', 'all', '--expires', 'none'), {
    models: null,
    expires_at: null,
  })
  t.match(await run(['keys', 'update', 'marketing'], admin), { code: 2, err: /Nothing to change/ })
  t.match(await run(['keys', 'update', 'marketing', '--budget', 'much'], admin), {
    code: 2,
    err: /Must be a number/,
  })
  t.match(await run(['keys', 'update', 'studio', '--budget', '5'], admin), {
    code: 2,
    err: /configuration file/,
  })
  t.match(await run(['keys', 'revoke', 'nobody'], admin), { code: 2, err: /No valid key is called nobody/ })

  const rotated = await run(['keys', 'rotate', 'marketing', '--grace', '0'], admin)
  t.match(rotated, { code: 0, out: /^und_\S+\n$/ })
  t.equal((await run(['keys', 'show'], own)).code, 3, 'the secret before it is no longer valid')
  t.equal((await run(['keys', 'show'], as(rotated.out.trim()))).code, 0)

  const table = (await run(['keys', 'list'], admin)).out
  t.match(table, /^name +tenant +state +scopes +budget +spent +reserved +last used +id\n/)
  t.match(table, /^marketing +film +active +generate,read +– +\$0\.00 +\$0\.00 +\d{4}-\S+ +key_\w{26}$/m)
  t.match(table, /^studio +studio +active .* never +key_/m, 'also one of the configuration')
  t.match(await run(['keys', 'revoke', 'marketing'], admin), { code: 0, out: 'marketing is revoked.\n' })
  t.notMatch((await run(['keys', 'list'], admin)).out, /marketing/)
  t.match((await run(['keys', 'list', '--all'], admin)).out, /^marketing +film +revoked/m)
  t.match(await run(['keys', 'list']), { code: 3 }, 'not without the scope admin')
  t.equal(
    (await gateway.call('GET', '/keys/me', undefined, { authorization: `Bearer ${rotated.out.trim()}` }))
      .status,
    401,
  )
})

t.test('keys are found on every page of the list', async (t) => {
  const { gateway, run, admin, json } = await start(t)
  const headers = { authorization: `Bearer ${gateway.container.adminKey}` }
  for (let number = 0; number < 105; number++)
    await gateway.call('POST', '/keys', { name: `key-${number}` }, headers)
  const listed = await json('keys', 'list')
  t.equal(listed.length, 105 + 4, 'with the three of the configuration and the admin')
  t.match(await run(['keys', 'revoke', 'key-0'], admin), { code: 0 }, 'the oldest one is on the second page')
})

t.test('the budget of a tenant is set and shown from the command line', async (t) => {
  const { gateway, run, admin, json } = await start(t)
  await gateway.call('POST', '/generate', {
    prompt: 'a mill',
    duration: 10,
    routing: { upstreams: ['reseller'] },
  })
  t.match(await run(['tenants', 'budget', 'studio', '0.2'], admin), {
    code: 0,
    out: 'studio: $0.20 a month; $0.00 spent, $0.12 reserved\n',
  })
  const table = (await run(['tenants', 'list'], admin)).out
  t.match(table, /^tenant +budget +spent +reserved +in flight\n/)
  t.match(table, /^studio +\$0\.20 +\$0\.00 +\$0\.12 +1$/m)
  t.match(table, /^bank +– +\$0\.00 +\$0\.00 +0$/m)
  t.match(await run(['keys', 'show']), {
    out: /tenant budget +\$0\.20 a month; \$0\.00 spent, \$0\.12 reserved/,
  })
  t.match(await run(['generate', 'a mill', '--duration', '10', '--upstream', 'reseller']), {
    code: 2,
    err: /monthly budget of the tenant studio/,
  })
  t.match(await json('tenants', 'budget', 'studio', 'none'), { name: 'studio', monthly_budget_usd: null })
  t.match(await run(['tenants', 'budget', 'studio', '-1'], admin), { code: 2 })
  t.match(await run(['tenants', 'list']), { code: 3 })
})
