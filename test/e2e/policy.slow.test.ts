import t from 'tap'
import { keys, startGateway } from './gateway.ts'

const bank = { authorization: `Bearer ${keys.bank}` }
const scene = { prompt: 'a lighthouse at dusk', duration: 8 }

interface AttemptShown {
  upstream: string
  kind: string
  state: string
}

function upstreamsOf(generation: { attempts: AttemptShown[] }): string[] {
  return generation.attempts.map(({ upstream }) => upstream)
}

t.test(
  'without a character, stability goes to the official upstream and cost to the reverse one',
  async (t) => {
    const gateway = await startGateway(t, { settings: { reseller: { durations: [8, 10] } } })
    const stable = await gateway.generate({ ...scene, routing: { priority: 'stability' } })
    t.equal(stable.status, 'completed')
    t.same(upstreamsOf(stable), ['official'])
    t.equal(stable.cost_usd, 0.8)
  },
)

t.test('cost goes to the reverse upstream', async (t) => {
  const gateway = await startGateway(t)
  const cheap = await gateway.generate({
    prompt: 'a lighthouse',
    duration: 10,
    routing: { priority: 'cost' },
  })
  t.equal(cheap.status, 'completed')
  t.same(upstreamsOf(cheap), ['reseller'])
  t.equal(cheap.cost_usd, 0.12)
  t.equal(gateway.simulator.control.bill().totalUsd, 0.12)
})

t.test('a character goes to the reverse upstream, also when stability comes first', async (t) => {
  const gateway = await startGateway(t)
  const made = await gateway.call('POST', '/characters', {
    name: 'coffee_girl',
    video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240`,
  })
  t.equal(made.status, 201)
  const body = { prompt: '@coffee_girl waves', duration: 10, routing: { priority: 'stability' } }
  const generation = await gateway.generate(body)
  t.equal(generation.status, 'completed')
  t.same(upstreamsOf(generation), ['reseller'])
  t.match(generation.characters, [{ name: 'coffee_girl', fidelity: 'native' }])
})

t.test(
  'when reverse is down, the official upstream takes over and the reverse attempt costs nothing',
  async (t) => {
    const gateway = await startGateway(t)
    gateway.simulator.control.setFaults('reseller', [{ kind: 'down' }])
    const generation = await gateway.generate({
      prompt: 'a harbour',
      duration: 8,
      routing: { priority: 'cost', upstreams: ['reseller', 'official'] },
    })
    t.equal(generation.status, 'completed')
    t.equal(generation.attempts.at(-1).upstream, 'official')
    t.equal(generation.cost_usd, gateway.simulator.control.bill().totalUsd)
  },
)

t.test(
  'a key that may only use official upstreams never touches reverse, also when official is down',
  async (t) => {
    const gateway = await startGateway(t)
    const before = await gateway.generate({ prompt: 'a vault', duration: 10 }, bank)
    t.same(upstreamsOf(before), ['official'])
    gateway.simulator.control.setFaults('official', [{ kind: 'down' }])
    const during = await gateway.generate({ prompt: 'a vault door', duration: 10 }, bank)
    t.equal(during.status, 'failed')
    t.ok(during.attempts.length > 0)
    t.ok(during.attempts.every(({ kind }: AttemptShown) => kind === 'official'))
    t.match(during.route.excluded, [{ upstream: 'reseller', code: 'kind_not_allowed' }])
    t.same(gateway.simulator.control.renders('reseller'), [])
    t.same(gateway.simulator.control.requests()['reseller']?.create ?? 0, 0)
  },
)

t.test('POST /route answers the plan that POST /generate then follows', async (t) => {
  const gateway = await startGateway(t)
  for (const routing of [
    {},
    { priority: 'stability' },
    { upstreams: ['official'] },
    { fallback: false },
    { max_cost_usd: 0.5 },
  ]) {
    const body = { prompt: 'a market', duration: 10, routing }
    const plan = await gateway.call('POST', '/route', body)
    const accepted = await gateway.call('POST', '/generate', body)
    t.equal(plan.status, 200)
    t.equal(accepted.status, 202)
    t.match(plan.body, accepted.body.route)
    t.equal(plan.body.candidates.length, accepted.body.route.candidates.length)
  }
})

t.test('POST /route refuses exactly what POST /generate refuses, and sends nothing', async (t) => {
  const gateway = await startGateway(t)
  for (const body of [
    { prompt: 'x', model: 'no-such-model' },
    { prompt: 'x', size: '1024x1024' },
    { prompt: 'x', duration: 10, routing: { upstreams: ['official'], duration: 'exact' } },
    { prompt: 'x', routing: { max_cost_usd: 0.01 } },
    { prompt: '@nobody smiles' },
  ]) {
    const plan = await gateway.call('POST', '/route', body)
    const refused = await gateway.call('POST', '/generate', body)
    t.equal(plan.status, refused.status)
    t.equal(plan.body.code, refused.body.code)
    t.same(plan.body.excluded, refused.body.excluded)
  }
  t.same(gateway.simulator.control.renders(), [])
})
