import t from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

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
    t.equal((await gateway.finished(generation.id, poor)).status, 'completed')
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
      ({ status, headers, body: { code } }) =>
        status === 202 ||
        (status === 429 && code === 'too_many_in_flight' && Number(headers.get('retry-after')) > 0),
    ),
    'and the others are told when to try again',
  )
})

const micros = (usd: number): number => Math.round(usd * 1e6)

async function told(
  gateway: Gateway,
  admin: Record<string, string>,
): Promise<Array<{ action: string; key: string; data: object }>> {
  const { body } = await gateway.call('GET', '/audit?limit=100', undefined, admin)
  return body.data.filter(({ action }: { action: string }) => action.startsWith('budget.')).toReversed()
}

t.test(
  'of 200 requests at the same time a budget for 50 accepts exactly 50, and the ledger agrees to the end',
  async (t) => {
    // Long timeouts, because 50 concurrent renders take a while on a busy machine.
    const timeouts = { connect_seconds: 60, create_seconds: 60, stall_seconds: 600, attempt_seconds: 900 }
    const gateway = await startGateway(t, {
      keys: { other: { monthly_budget_usd: 6 } },
      settings: { reseller: { timeouts } },
    })
    const body = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }
    const ask = async () => {
      for (let tries = 1; ; tries++) {
        const answer = await gateway.call('POST', '/generate', body, poor)
        if (answer.status !== 503 || tries === 100) return answer
      }
    }
    const answers = await Promise.all(Array.from({ length: 200 }, ask))
    const accepted = answers.filter(({ status }) => status === 202)
    t.equal(accepted.length, 50)
    t.equal(answers.filter(({ status }) => status === 402).length, 150)

    // Some fail and are not charged. Their reservation can be spent again, and not a cent more.
    gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late', times: 7 }])
    const ended = []
    for (const { body: generation } of accepted) ended.push(await gateway.finished(generation.id, poor))
    t.equal(ended.filter(({ status }) => status === 'completed').length, 43)
    const again = await Promise.all(Array.from({ length: 20 }, ask))
    const more = again.filter(({ status }) => status === 202)
    t.equal(more.length, 7)
    for (const { body: generation } of more) ended.push(await gateway.finished(generation.id, poor))

    const { totals } = (await gateway.call('GET', '/usage', undefined, poor)).body
    const sums = [
      gateway.simulator.control.bill().totalUsd,
      totals.cost_usd,
      ended.reduce((sum, { cost_usd: usd }) => sum + usd, 0),
      ended.flatMap(({ attempts }) => attempts).reduce((sum, { cost_usd: usd }) => sum + usd, 0),
    ]
    t.same(
      sums.map(micros),
      [6_000_000, 6_000_000, 6_000_000, 6_000_000],
      'bill, usage, generations, attempts',
    )
    t.match(totals, { attempts: 57, generations: 57, videos: 50, reserved_cost_usd: 0, unused_cost_usd: 0 })
    t.equal((await ask()).status, 402)
  },
)

t.test(
  'a budget at 80 % and an exhausted one are told once a month each, also after a restart',
  async (t) => {
    const gateway = await startGateway(t, { keys: { other: { monthly_budget_usd: 0.6 } } })
    const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
    const body = { prompt: 'a mill by a river', duration: 10, routing: { upstreams: ['reseller'] } }
    const ask = async () => (await gateway.call('POST', '/generate', body, poor)).status
    for (let made = 0; made < 3; made++) t.equal(await ask(), 202)
    t.same(await told(gateway, admin), [], '60 %')
    t.equal(await ask(), 202)
    t.match(await told(gateway, admin), [
      { action: 'budget.at_80_percent', key: 'other', data: { budget_micros: 600_000 } },
    ])
    t.equal(await ask(), 202)
    t.equal((await told(gateway, admin)).length, 1)
    t.same([await ask(), await ask()], [402, 402])
    await gateway.restart()
    t.equal(await ask(), 402)
    t.match(await told(gateway, admin), [
      { action: 'budget.at_80_percent' },
      { action: 'budget.exhausted', key: 'other' },
    ])
    t.equal((await told(gateway, admin)).length, 2)

    await gateway.restart(31 * 24 * 3600_000)
    await gateway.advance(1000)
    t.equal(await ask(), 202, 'a new month')
    for (let made = 0; made < 5; made++) await ask()
    t.equal((await told(gateway, admin)).length, 4)
  },
)
