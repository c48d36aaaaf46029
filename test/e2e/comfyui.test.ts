import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { official, startGateway } from './gateway.ts'

const comfyui: SimulatedUpstream = {
  ...official,
  id: 'comfy',
  kind: 'self_hosted',
  dialect: 'comfyui',
  price: { perSecondUsd: { default: 0.01 } },
}
const boat = { prompt: 'a paper boat', duration: 8 }

t.test('ComfyUI: a lost create is found by the id that the gateway gave it, and made once', async (t) => {
  const gateway = await startGateway(t, { upstreams: [comfyui] })
  gateway.simulator.control.setFaults('comfy', [{ kind: 'reset', accepted: true, times: 1 }])
  const generation = await gateway.generate(boat)
  t.match(generation, { status: 'completed', attempts: [{ state: 'succeeded' }] })
  t.same(
    gateway.simulator.control.renders().map(({ id }) => id),
    [generation.attempts[0].upstream_id],
  )
})

t.test('ComfyUI: a create that never arrived is denied by history and queue, and falls back', async (t) => {
  const gateway = await startGateway(t, { upstreams: [comfyui, official] })
  gateway.simulator.control.setFaults('comfy', [{ kind: 'reset', accepted: false, times: 1 }])
  const generation = await gateway.generate({ ...boat, routing: { upstreams: ['comfy', 'official'] } })
  t.match(generation, {
    status: 'completed',
    attempts: [
      { upstream: 'comfy', state: 'failed', failure: { code: 'lost' } },
      { upstream: 'official', state: 'succeeded' },
    ],
  })
})
