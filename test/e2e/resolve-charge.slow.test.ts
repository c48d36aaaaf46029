import t from 'tap'
import type { Test } from 'tap'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { queryStorage } from './test-storage.ts'

const scene = { prompt: 'a paper boat in the rain', duration: 5 }
const operator = { authorization: `Bearer ${keys.other}` }
const note = 'It is on the bill of November.'

/** A vendor that charges when it accepts, and fails what it accepted. */
async function start(t: Test, upstreams = [{ ...reverse, chargedOn: 'create' as const }]) {
  const lines: string[] = []
  const gateway = await startGateway(t, {
    upstreams,
    keys: { other: { scopes: ['operate'] } },
    onLine: (line) => lines.push(line),
  })
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const get = async (path: string, as?: Record<string, string>) =>
    (await gateway.call('GET', path, undefined, as)).body
  const attention = async (): Promise<string[]> => {
    const { data } = await get('/generations?attention=true', operator)
    const counts = await get('/generations/counts', operator)
    if (counts.attention !== data.length)
      throw new Error(`${counts.attention} counted, ${data.length} listed`)
    return data.map(({ id }: { id: string }) => id)
  }
  return { gateway, lines, admin, get, attention }
}

async function paidInVain(gateway: Gateway) {
  const generation = await gateway.generate(scene)
  const [attempt] = generation.attempts
  if (attempt.state !== 'failed' || attempt.cost_usd === 0) throw new Error(JSON.stringify(generation))
  return { id: String(generation.id), attemptId: String(attempt.id) }
}

function resolve(gateway: Gateway, attemptId: string, body: object, headers: Record<string, string> = {}) {
  return gateway.call(
    'POST',
    `/attempts/${attemptId}/resolve`,
    { note, ...body },
    { ...operator, ...headers },
  )
}

/** The report, the totals of the key and of its months, and the attempts have the same sum. */
async function sumsAgree(t: Test, gateway: Gateway, sum: number) {
  const micros = Math.round(sum * 1e6)
  const usd = micros / 1e6
  const { totals } = (await gateway.call('GET', '/usage')).body
  t.match(totals, { cost_usd: usd, unused_cost_usd: usd, reserved_cost_usd: 0 })
  const sums = await queryStorage(
    gateway.directory,
    `select (select sum(micros) from key_months) as spent,
    (select sum(micros) from key_open) as open, (select sum(cost_micros) from usage_days) as days,
    (select sum(cost_micros) from attempts) as ledger`,
  )
  t.strictSame(sums, [{ spent: micros, open: 0, days: micros, ledger: micros }])
}

t.test('what was paid without a video needs a person until the bill was compared', async (t) => {
  const { gateway, lines, admin, get, attention } = await start(t)
  const spent = async (): Promise<number> =>
    (await get('/keys', admin)).data.find(({ name }: { name: string }) => name === 'studio')
      .spent_this_month_usd
  let sum = 0
  for (const [said, cost] of [
    [{ verdict: 'charged' }, 0.12],
    [{ verdict: 'charged', cost_usd: 0.05 }, 0.05],
    [{ verdict: 'charged', cost_usd: 0.3 }, 0.3],
    [{ verdict: 'not_charged' }, 0],
  ] as const) {
    const { id, attemptId } = await paidInVain(gateway)
    t.same(await attention(), [id])
    await sumsAgree(t, gateway, sum + 0.12)
    const answer = await resolve(gateway, attemptId, said)
    const isCorrected = said.verdict === 'not_charged' || 'cost_usd' in said
    t.match(answer, {
      status: 200,
      body: {
        id: attemptId,
        generation_id: id,
        state: 'failed',
        cost_usd: cost,
        expected_cost_usd: 0.12,
        cost_state: 'settled',
        cost_source: isCorrected ? 'vendor' : 'price_list',
        delivered: false,
        resolution: { verdict: said.verdict, by: 'other', note, contradicted_by: null },
      },
    })
    t.same(await attention(), [])
    t.match(await get(`/generations/${id}`), {
      status: 'failed',
      cost_usd: cost,
      attempts: [{ state: 'failed', failure: { code: 'job_failed' }, cost_usd: cost }],
    })
    sum = Number((sum + cost).toFixed(6))
    await sumsAgree(t, gateway, sum)
    t.equal(await spent(), sum, 'the budget of the key')
    const { data: entries } = await get(`/audit?action=attempt.resolved&subject=${attemptId}`, admin)
    const about = { generation: id, tenant: 'studio', verdict: said.verdict, note }
    t.match(entries, [{ key: 'other', data: { ...about, cost_usd: cost, cost_before_usd: 0.12 } }])
    t.equal(entries.length, 1)
    const told = lines.filter((line) => line.includes('attempt resolved')).map((line) => JSON.parse(line))
    t.match(told.at(-1), { generation: id, attempt: attemptId, verdict: said.verdict, by: 'other' })
  }
})

t.test('the verdict on a bill is stored once, and a repeated request gets the same answer', async (t) => {
  const { gateway } = await start(t)
  const { attemptId } = await paidInVain(gateway)
  const key = { 'idempotency-key': 'bill-1' }
  const body = { verdict: 'charged', cost_usd: 0.05 }
  t.equal((await resolve(gateway, attemptId, body, key)).status, 200)
  const again = await resolve(gateway, attemptId, body, key)
  t.match(again, { status: 200, body: { cost_usd: 0.05 } })
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  const other = await resolve(gateway, attemptId, { verdict: 'not_charged' }, key)
  t.equal(other.body.code, 'idempotency_key_reused')
  for (const verdict of ['charged', 'not_charged'])
    t.match(await resolve(gateway, attemptId, { verdict }), {
      status: 409,
      body: { code: 'conflict', attempt: attemptId, state: 'failed', detail: /resolved already: charged/ },
    })
  await sumsAgree(t, gateway, 0.05)
})

t.test('a verdict that is not about this attempt is refused, with the one that is', async (t) => {
  const { gateway } = await start(t, [
    { ...reverse, chargedOn: 'create' as const },
    { ...official, id: 'second', chargedOn: 'create' as const },
  ])
  const generation = await gateway.generate({ ...scene, duration: 8, routing: { upstreams: ['second'] } })
  const [delivered] = generation.attempts
  t.match(await resolve(gateway, delivered.id, { verdict: 'charged' }), {
    status: 409,
    body: { state: 'succeeded', detail: /paid without a video/ },
  })
  const { attemptId } = await paidInVain(gateway)
  t.match(await resolve(gateway, attemptId, { verdict: 'not_taken' }), {
    status: 409,
    body: { state: 'failed', detail: /charged or not_charged/ },
  })
  for (const wrong of [
    { verdict: 'charged', charged: true },
    { verdict: 'charged', upstream_id: 'x' },
    { verdict: 'charged', cost_usd: -1 },
    { verdict: 'not_charged', cost_usd: 1 },
    { verdict: 'not_charged', charged: false },
  ])
    t.equal((await resolve(gateway, attemptId, wrong)).status, 400, JSON.stringify(wrong))
  const own = { authorization: `Bearer ${keys.studio}` }
  t.equal((await resolve(gateway, attemptId, { verdict: 'charged' }, own)).status, 403)
})

t.test('an unknown attempt has no bill yet', async (t) => {
  const { gateway } = await start(t)
  gateway.simulator.control.setFaults('reseller', [{ on: ['create'], kind: 'reset', accepted: true }])
  const { body: made } = await gateway.call('POST', '/generate', scene)
  await gateway.advance(0)
  const [attempt] = (await gateway.call('GET', `/generations/${made.id}`)).body.attempts
  t.match(await resolve(gateway, attempt.id, { verdict: 'charged' }), {
    status: 409,
    body: { state: 'unknown', detail: /taken or not_taken/ },
  })
})
