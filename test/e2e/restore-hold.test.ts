import t from 'tap'
import { keys, official, reverse, startGateway } from './gateway.ts'

const operator = { authorization: `Bearer ${keys.other}` }
const keySettings = { other: { scopes: ['operate', 'admin'] } }
const hourMs = 3_600_000

t.test('three hours held are no hours of a deadline, and what is held says so', async (t) => {
  const gateway = await startGateway(t, { keys: keySettings })
  const { control } = gateway.simulator
  const order = { prompt: 'a paper boat', duration: 5, routing: { deadline_seconds: 1200 } }
  const queued = (await gateway.call('POST', '/generate', order)).body
  t.same(queued.warnings, [])
  await gateway.restart(0, undefined, true)
  const fresh = (await gateway.call('POST', '/generate', order)).body
  t.match(fresh, { status: 'queued', warnings: [{ code: 'held_after_restore', detail: /operator/ }] })
  for (let passed = 0; passed < 3 * hourMs; passed += hourMs / 4) await gateway.advance(hourMs / 4)
  for (const { id } of [queued, fresh]) {
    const { body } = await gateway.call('GET', `/generations/${id}`)
    t.match(body, { status: 'queued', error: null, warnings: [{ code: 'held_after_restore' }] })
    t.equal(body.warnings.length, 1)
  }
  t.equal(control.renders().length, 0, 'nothing was sent')
  t.match(await gateway.call('POST', '/operations/release', undefined, operator), { status: 200 })
  for (const { id } of [queued, fresh]) t.equal((await gateway.settle(id)).status, 'completed')
  t.equal(control.renders().length, 2, 'each once')
})

t.test('what is left of a deadline runs again after the release', async (t) => {
  const gateway = await startGateway(t, { keys: keySettings })
  const order = { prompt: 'a paper boat', duration: 5, routing: { deadline_seconds: 600 } }
  const { id } = (await gateway.call('POST', '/generate', order)).body
  for (const { id: upstream } of [reverse, official])
    gateway.simulator.control.setFaults(upstream, [{ kind: 'rate_limited' }])
  await gateway.restart(0, undefined, true)
  await gateway.advance(hourMs)
  await gateway.call('POST', '/operations/release', undefined, operator)
  await gateway.advance(1000)
  t.match((await gateway.call('GET', `/generations/${id}`)).body, { error: null })
  const releasedAt = gateway.now()
  const ended = await gateway.settle(id)
  t.match(ended, { status: 'failed' })
  const secondsLeft = (gateway.now() - releasedAt) / 1000
  t.ok(secondsLeft > 400 && secondsLeft < 700, `${secondsLeft} s`)
})

t.test('while held no character is made, and the answer says what to do', async (t) => {
  const gateway = await startGateway(t, { keys: keySettings })
  const source = await gateway.generate({ prompt: 'a portrait', duration: 5 })
  const made = await gateway.call('POST', '/characters', { name: 'amber', generation_id: source.id })
  t.equal(made.status, 201)
  await gateway.restart(0, undefined, true)
  const bound = await gateway.call('POST', `/characters/${made.body.id}/bindings`, {
    upstreams: ['reseller'],
  })
  t.match(bound, { status: 409, body: { code: 'held_after_restore', detail: /POST \/operations\/release/ } })
  t.same(gateway.simulator.control.characters(), [])
  await gateway.call('POST', '/operations/release', undefined, operator)
  const again = await gateway.call('POST', `/characters/${made.body.id}/bindings`, {
    upstreams: ['reseller'],
  })
  t.ok(again.status < 300, JSON.stringify(again.body))
  t.equal(gateway.simulator.control.characters().length, 1)
})
