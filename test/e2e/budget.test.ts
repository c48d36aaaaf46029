import t from 'tap'
import { keys, startGateway } from './gateway.ts'

const poor = { authorization: `Bearer ${keys.other}` }

t.test('a monthly budget is never passed, whoever races for it, and POST /route says so too', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { monthly_budget_usd: 0.6 } } })
  const body = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => gateway.call('POST', '/generate', body, poor)),
  )
  const accepted = answers.filter(({ status }) => status === 202)
  t.equal(accepted.length, 5, 'five times $0.12')
  t.ok(
    answers.every(
      ({ status, body: { code } }) => status === 202 || (status === 402 && code === 'budget_exceeded'),
    ),
  )
  const plan = await gateway.call('POST', '/route', body, poor)
  t.equal(plan.status, 402)
  t.match(plan.body.excluded, [
    { upstream: 'official', code: 'not_in_allow_list' },
    { upstream: 'reseller', code: 'over_budget' },
  ])

  for (const { body: generation } of accepted)
    t.equal((await gateway.settle(generation.id, poor)).status, 'completed')
  t.equal(gateway.simulator.control.bill().totalUsd, 0.6)
  t.equal((await gateway.call('POST', '/generate', body, poor)).status, 402)
  t.equal((await gateway.call('POST', '/generate', body)).status, 202, 'another key has money of its own')
})

t.test(
  'a candidate that does not fit into what is left is left out, and a cheaper one is used',
  async (t) => {
    const gateway = await startGateway(t, { keys: { other: { monthly_budget_usd: 1 } } })
    const generation = await gateway.generate({ prompt: 'a mill by a river', duration: 10 }, poor)
    t.equal(generation.cost_usd, 0.12)
    t.match(generation.route.excluded, [{ upstream: 'official', code: 'over_budget' }])
  },
)

t.test('what failed without being charged is given back', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { monthly_budget_usd: 0.12 } } })
  const body = { prompt: 'a mill', duration: 10, routing: { upstreams: ['reseller'] } }
  t.equal((await gateway.generate({ ...body, prompt: 'forbidden' }, poor)).status, 'failed')
  t.equal((await gateway.generate(body, poor)).status, 'completed')
  t.equal((await gateway.call('POST', '/generate', body, poor)).status, 402)
})

t.test('a key’s limit of generations in flight holds', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { max_in_flight: 3 } } })
  const body = { prompt: 'a mill by a river', duration: 10 }
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => gateway.call('POST', '/generate', body, poor)),
  )
  t.equal(answers.filter(({ status }) => status === 202).length, 3)
  t.ok(
    answers.every(
      ({ status, body: { code } }) => status === 202 || (status === 429 && code === 'too_many_in_flight'),
    ),
  )
})
