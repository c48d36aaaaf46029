import t from 'tap'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const scene = { prompt: 'a paper boat in the rain', duration: 10 }
/** Nobody has written down what it means; it was said after the job had been accepted. */
const odd = { kind: 'fails_late' as const, code: 'E_4711', message: 'Outcome 7.' }

/** Figures of upstreams are renewed after ten seconds, when they are asked for. */
async function unexplainedAt(gateway: Gateway): Promise<Record<string, unknown>> {
  for (let asked = 0; asked < 2; asked += 1) {
    await gateway.advance(11_000)
    await gateway.call('GET', '/upstreams')
  }
  const { body } = await gateway.call('GET', '/upstreams')
  const all: { id: string; health: { unexplained_failures: unknown } }[] = body.data
  return Object.fromEntries(all.map(({ id, health }) => [id, health.unexplained_failures]))
}

t.test('by default, the next upstream is asked after a failure that nothing explains', async (t) => {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [odd])
  const generation = await gateway.generate(scene)
  t.equal(generation.status, 'completed')
  t.match(generation.attempts, [
    {
      upstream: 'reseller',
      state: 'failed',
      failure: { code: 'unexplained', fallback: true, message: /Outcome 7/ },
    },
    { upstream: 'official', state: 'succeeded' },
  ])
  t.match(await unexplainedAt(gateway), { reseller: 1, official: 0 })
  t.equal(generation.cost_usd, gateway.simulator.control.bill().totalUsd)
})

t.test('with on_unexplained: fail it is the end, and nobody else sees the prompt', async (t) => {
  const gateway = await startGateway(t, { routing: { on_unexplained: 'fail' } })
  gateway.simulator.control.setFaults('reseller', [odd])
  const generation = await gateway.generate(scene)
  t.equal(generation.status, 'failed')
  t.match(generation.error, { code: 'upstream_failed' })
  t.equal(generation.attempts.length, 1)
  t.match(generation.attempts[0].failure, { code: 'unexplained', fallback: false, message: /Outcome 7/ })
  t.same(gateway.simulator.control.requests()['official']?.create ?? 0, 0)
  t.match(await unexplainedAt(gateway), { reseller: 1, official: 0 })
})

t.test('with on_unexplained: fail a failure that is explained goes on to the next upstream', async (t) => {
  const gateway = await startGateway(t, { routing: { on_unexplained: 'fail' } })
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const generation = await gateway.generate(scene)
  t.equal(generation.status, 'completed')
  t.match(generation.attempts[0].failure, { code: 'job_failed', fallback: true })
  t.match(await unexplainedAt(gateway), { reseller: 0, official: 0 })
})
