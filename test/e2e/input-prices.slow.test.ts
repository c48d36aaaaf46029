import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { official, startGateway } from './gateway.ts'

t.test('the seconds of a video that goes along are part of the price, once they are known', async (t) => {
  const vendor: SimulatedUpstream = {
    ...official,
    id: 'openrouter',
    dialect: 'openrouter',
    characters: false,
  }
  const price = { per_second_usd: { default: 0.1 }, per_input_second_usd: 0.05 }
  const gateway = await startGateway(t, {
    upstreams: [vendor],
    settings: { openrouter: { price } },
  })
  const clip = `${gateway.simulator.origin}/clips/a.mp4?seconds=3&size=320x240`
  const references = [{ video_url: clip, role: 'motion' }]
  const request = { prompt: 'a mill by a river', duration: 4, references }
  const { body: route } = await gateway.call('POST', '/route', request)
  t.equal(route.estimated_cost_usd, 1.15, '0.40, and 15 seconds of a video that nobody has seen')
  const generation = await gateway.generate(request)
  t.match(generation, { status: 'completed', route: { estimated_cost_usd: 0.55 }, cost_usd: 0.55 })
  t.match(await gateway.generate({ ...request, references: undefined }), { cost_usd: 0.4 })
})
