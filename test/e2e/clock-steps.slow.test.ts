import t from 'tap'
import { ask, finished, makeCharacter } from './comparison-stage.ts'
import { official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { startReceiver } from './receiver.ts'

const second = 1000
const hour = 3600 * second
const terminal = ['completed', 'failed', 'cancelled']

const upstreams = [{ ...reverse, render: { polls: 4 } }, official]

async function accept(gateway: Gateway, body: object = {}): Promise<string> {
  const routing = { upstreams: ['reseller'], deadline_seconds: 7200 }
  const asked = { prompt: 'a paper boat', duration: 5, routing, ...body }
  const accepted = await gateway.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

/** Lets up to this many seconds pass until the path shows an end; returns the last response. */
async function within(gateway: Gateway, seconds: number, path: string): Promise<any> {
  for (let passed = 0; passed < seconds; passed++) {
    const { body } = await gateway.call('GET', path)
    if (terminal.includes(body.status)) return body
    await gateway.advance(second)
  }
  return (await gateway.call('GET', path)).body
}

for (const [name, byMs, seconds] of [
  ['back', -hour, 30],
  // An attempt past its deadline is polled once a minute.
  ['forward', hour, 300],
] as const) {
  t.test(`a clock that is set ${name} an hour holds up no poll, no download and no slot`, async (t) => {
    const settings = { reseller: { limits: { max_in_flight: 2 } } }
    const gateway = await startGateway(t, { upstreams, settings })
    const first = [await accept(gateway), await accept(gateway)]
    await gateway.advance(0)
    await gateway.advance(second)
    gateway.setClock(byMs)
    for (const id of first)
      t.match(await within(gateway, seconds, `/generations/${id}`), { status: 'completed' })
    const later = await accept(gateway)
    t.match(await within(gateway, seconds, `/generations/${later}`), { status: 'completed' })
    t.equal(gateway.simulator.control.renders().length, 3)
  })

  t.test(`a clock that is set ${name} an hour holds up no next try and no webhook`, async (t) => {
    const gateway = await startGateway(t, { upstreams })
    const receiver = await startReceiver(t)
    await gateway.call('POST', '/webhook-secrets', {})
    receiver.respond = () => (receiver.messages.length < 3 ? 500 : 204)
    gateway.simulator.control.setFaults('reseller', [{ on: ['create'], kind: 'overloaded', times: 2 }])
    const id = await accept(gateway, { webhook_url: `${receiver.url}/hook` })
    await gateway.advance(0)
    gateway.setClock(byMs)
    t.match(await within(gateway, 90, `/generations/${id}`), { status: 'completed' })
    while (receiver.messages.length === 0) await gateway.advance(second)
    gateway.setClock(byMs)
    for (let passed = 0; passed < 30; passed++) await gateway.advance(second)
    t.equal(receiver.messages.length, 3, 'tried in its time, until it was taken')
  })

  t.test(`a clock that is set ${name} an hour holds up no character and no comparison`, async (t) => {
    const patient = { timeouts: { connect_seconds: 10, create_seconds: 20 } }
    const gateway = await startGateway(t, { upstreams, settings: { reseller: patient, official: patient } })
    await makeCharacter(gateway, 'tea_girl')
    const body = ask('tea_girl', { scenes: ['@tea_girl waves'], runs: 2 })
    const accepted = await gateway.call('POST', '/comparisons', body)
    t.equal(accepted.status, 202)
    await gateway.advance(0)
    gateway.setClock(byMs)
    const begun = gateway.now()
    t.match(await finished(gateway, accepted.body.id), { status: 'completed' })
    t.ok(gateway.now() - begun < hour / 2)
  })
}

t.test(
  'a job whose answer was lost is found though the clock was set back since, and paid once',
  async (t) => {
    const gateway = await startGateway(t, { upstreams })
    // The vendor's clock is right; the gateway's is an hour ahead until it is corrected.
    gateway.setClock(hour)
    gateway.simulator.control.setFaults('official', [
      { on: ['create'], kind: 'reset', accepted: true, times: 1 },
    ])
    const routing = { upstreams: ['official', 'reseller'], priority: 'stability', deadline_seconds: 7200 }
    const id = await accept(gateway, { duration: 4, routing })
    await gateway.advance(0)
    gateway.setClock(-hour)
    const shown = await within(gateway, 600, `/generations/${id}`)
    t.match(shown, { status: 'completed', attempts: [{ upstream: 'official' }] })
    t.equal(shown.attempts.length, 1)
    t.equal(gateway.simulator.control.renders().length, 1, 'nobody was asked a second time')
  },
)

t.test('what stands still is let go in its time, though the clock was set back meanwhile', async (t) => {
  const gateway = await startGateway(t, { upstreams })
  gateway.simulator.control.setFaults('reseller', [{ kind: 'stuck', times: 1 }])
  const id = await accept(gateway)
  await gateway.advance(0)
  for (let passed = 0; passed < 5; passed++) await gateway.advance(second)
  gateway.setClock(-hour)
  for (let passed = 0; passed < 90; passed++) await gateway.advance(second)
  const { body } = await gateway.call('GET', `/generations/${id}`)
  t.match(body.attempts, [{ state: 'abandoned', failure: { code: 'stalled' } }])
})

t.test('no time that is shown runs backwards over a clock that is set back', async (t) => {
  const gateway = await startGateway(t, { upstreams })
  gateway.simulator.control.setFaults('reseller', [{ on: ['create'], kind: 'overloaded', times: 1 }])
  const queued = await accept(gateway)
  gateway.setClock(-hour)
  const running = await accept(gateway)
  await gateway.advance(0)
  gateway.setClock(-hour)
  for (const id of [queued, running]) {
    const shown = await within(gateway, 90, `/generations/${id}`)
    t.match(shown, { status: 'completed' })
    const times = shown.attempts.flatMap((each: any) => [each.started_at, each.ended_at])
    for (const time of times) t.ok(time >= shown.created_at && time <= shown.completed_at, time)
    for (const { started_at: start, ended_at: end } of shown.attempts) t.ok(start <= end)
    const events = await gateway.call('GET', `/generations/${id}/events`)
    for (const [, at = ''] of events.body.toString().matchAll(/"at":"([^"]+)"/g))
      t.ok(at >= shown.created_at, at)
  }
  const { body: shownUpstreams } = await gateway.call('GET', '/upstreams')
  for (const { health } of shownUpstreams.data) t.not(health?.latency_ms < 0, true)
})
