import t from 'tap'
import { reverse, startGateway } from './gateway.ts'

const gateway = await startGateway(t, { patient: true, upstreams: [{ ...reverse, render: { polls: 5 } }] })
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

async function accept(): Promise<string> {
  const asked = { prompt: 'a paper boat', duration: 5 }
  const accepted = await gateway.call('POST', '/generate', asked)
  t.equal(accepted.status, 202)
  return accepted.body.id
}

t.test('after stopClaiming nothing is taken up and no create leaves; the next start does it', async (t) => {
  const ids = [await accept(), await accept()]
  gateway.container.loop.stopClaiming()
  t.equal(await gateway.container.loop.tick(), 0)
  t.equal(control.requests()['reseller']?.create ?? 0, 0)
  await gateway.restart()
  for (const id of ids) t.match(await gateway.finished(id), { status: 'completed' })
  t.equal(control.renders().length, 2)
})

t.test(
  'work that is in hand when stopping begins ends with its step, and no other create leaves',
  async (t) => {
    control.setFaults('reseller', [{ on: ['create'], kind: 'slow', delayMs: 1000, times: 1 }])
    const first = await accept()
    const ticking = gateway.container.loop.tick()
    while ((control.requests()['reseller']?.create ?? 0) === 0) await new Promise(setImmediate)
    const second = await accept()
    gateway.container.loop.stopClaiming()
    t.equal(await gateway.container.loop.drain(20_000), true)
    await ticking
    t.equal(control.requests()['reseller']?.create, 1)
    const state = async (id: string) => (await gateway.call('GET', `/generations/${id}`)).body
    t.match((await state(first)).attempts, [{ state: 'running' }], 'its answer was kept')
    t.same((await state(second)).attempts, [])
    await gateway.restart()
    for (const id of [first, second]) t.match(await gateway.finished(id), { status: 'completed' })
    t.equal(control.renders().length, 2)
  },
)
