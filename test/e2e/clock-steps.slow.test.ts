import t from 'tap'
import { ask, makeCharacter } from './comparison-stage.ts'
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

/** Lets so many seconds pass, at most, until the path shows an end; what it showed last. */
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
  // What is past its attempt's deadline is asked about once a minute.
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
    t.match(await within(gateway, 90, `/comparisons/${accepted.body.id}`), { status: 'completed' })
  })
}
