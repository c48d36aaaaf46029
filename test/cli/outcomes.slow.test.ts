import t from 'tap'
import { keys, reverse, startGateway } from '../e2e/gateway.ts'
import { price, renders, startLosing, unknownOne } from '../e2e/resubmit-stage.ts'
import { world } from './world.ts'

const failing = { prompt: 'a paper boat', duration: 5 }

t.test('an operator lists what is unknown, looks, and resolves it from the command line', async (t) => {
  const { gateway } = await startLosing(t)
  const { run } = await world(t, gateway.address)
  const operator = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
  t.match(await run(['resolve'], operator), { code: 0, out: 'Nothing is to be resolved.\n' })
  const { id, attemptId } = await unknownOne(gateway)
  const listed = await run(['resolve'], operator)
  t.equal(listed.code, 0)
  for (const said of [attemptId, id, 'studio', 'first', `$${price.first.toFixed(2)}`])
    t.match(listed.out, said)
  t.match(await run(['resolve', attemptId, '--look'], operator), { code: 0, out: /asked again now/ })
  t.match(await run(['resolve', attemptId], operator), { code: 2, err: /--not-taken/ })
  t.match(await run(['resolve', attemptId, '--not-taken'], operator), { code: 2, err: /--note/ })
  const both = ['resolve', attemptId, '--not-taken', '--taken', 'x', '-n', 'y']
  t.match(await run(both, operator), { code: 2, err: /not both/ })
  t.match(await run(['resolve', attemptId, '--taken', 'job-none', '-n', 'the bill'], operator), { code: 2 })
  const done = await run(['resolve', attemptId, '--not-taken', '--cost', '0.5', '-n', 'their bill'], operator)
  t.match(done, { code: 0, out: /first {2}failed {2}\$0\.50\n$/ })
  t.match((await gateway.call('GET', `/generations/${id}`)).body.attempts[0], {
    cost_usd: 0.5,
    resolution: { verdict: 'not_taken', note: 'their bill', by: 'other' },
  })
  t.match(await run(['resolve']), { code: 0 }, 'tenants see their own')
})

t.test('an operator lists what was paid without a video, and says what the bill has', async (t) => {
  const upstreams = [{ ...reverse, chargedOn: 'create' as const }]
  const gateway = await startGateway(t, { upstreams, keys: { other: { scopes: ['operate'] } } })
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const { run } = await world(t, gateway.address)
  const operator = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
  const failed = [await gateway.generate(failing), await gateway.generate(failing)]
  const [first, second] = failed.map(({ attempts: [attempt] }) => String(attempt.id))
  const listed = await run(['resolve'], operator)
  for (const said of [first, second, 'failed', '$0.12 paid'])
    t.ok(listed.out.includes(String(said)), listed.out)
  const both = ['resolve', String(first), '--charged', '--not-charged', '-n', 'x']
  t.match(await run(both, operator), { code: 2, err: /not both/ })
  const none = await run(['resolve', String(first), '--not-charged', '-n', 'their bill'], operator)
  t.match(none, { code: 0, out: /reseller {2}failed.*\$0\.00\n$/ })
  const less = ['resolve', String(second), '--charged', '--cost', '0.05', '-n', 'their bill']
  t.match(await run(less, operator), { code: 0, out: /\$0\.05\n$/ })
  t.match(await run(['resolve'], operator), { code: 0, out: 'Nothing is to be resolved.\n' })
  t.match((await gateway.call('GET', '/usage')).body.totals, { cost_usd: 0.05 })
})

t.test('resubmit says what it may cost, and sends only with the words', async (t) => {
  const { gateway } = await startLosing(t)
  const { run } = await world(t, gateway.address)
  const { id } = await unknownOne(gateway)
  t.match(await run(['resubmit', id]), {
    code: 2,
    err: /--accept-two-bills[\s\S]*first may still charge up to 0\.8 USD.*second would charge up to 2\.4 USD/,
  })
  t.same(renders(gateway), ['first'])
  t.match(await run(['resubmit', id, '--accept-two-bills']), { code: 0, out: `${id}  in_progress\n` })
  await gateway.finished(id)
  t.same(renders(gateway), ['first', 'second'])
})

t.test('cancel --filter shows what it would cancel, asks, and cancels that', async (t) => {
  const { gateway } = await startLosing(t)
  const { run } = await world(t, gateway.address)
  const { id } = await unknownOne(gateway)
  const filter = ['cancel', '--filter', 'attempt_state=unknown', 'upstream=first']
  const order = /^1 generations would be cancelled\..*up to \$0\.80\./
  t.match(await run([...filter, '--dry-run']), { code: 0, out: order })
  t.match(await run(filter), { code: 2, err: /pass --yes/ })
  t.match((await gateway.call('GET', `/generations/${id}`)).body, { status: 'in_progress' })
  t.match(await run([...filter, '--yes']), { code: 0, out: `${id}  cancelled\n` })
  t.match((await gateway.call('GET', `/generations/${id}`)).body, { status: 'cancelled' })
  t.match(await run([...filter, '--yes']), { code: 0, out: /^0 generations/ })
  t.match(await run(['cancel']), { code: 2, err: /IDs, or --filter/ })
  t.match(await run(['cancel', '--filter', 'status']), { code: 2, err: /NAME=VALUE/ })
  t.match(await run(['cancel', '--filter', 'statis=queued']), { code: 2, err: /statis/ })
})
