import t from 'tap'
import type { Test } from 'tap'
import { attemptStates } from '../../src/gateway/domain/generation/generation.ts'
import type { Wrappers } from '../../src/gateway/wiring/stores.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { queryStorage } from './test-storage.ts'

const scene = { prompt: 'a paper boat in the rain', duration: 8, routing: { deadline_seconds: 3600 } }
const operator = { authorization: `Bearer ${keys.other}` }
const trusted = { authorization: `Bearer ${keys.bank}` }
const scopes = { other: { scopes: ['operate'] }, bank: { scopes: ['operate', 'operate_prompts'] } }
const note = 'Their dashboard says so.'

/** A vendor behind a proxy that loses the responses to creates, and a second vendor. */
async function start(
  t: Test,
  first: SimulatedUpstream = { ...reverse, durations: [8] },
  wrap: Wrappers = {},
) {
  const vendor = await startVendorProxy(t)
  const gateway = await startGateway(t, {
    upstreams: [first, { ...official, id: 'second', price: { perSecondUsd: { default: 0.9 } } }],
    keys: scopes,
    wrap,
    settings: { [first.id]: { base_url: vendor.url } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl(first.id))
  const lose = () =>
    vendor.answerWith(({ method }) => (method === 'POST' ? { status: 502, body: '<html>' } : null))
  lose()
  return { vendor, gateway, lose, heal: () => vendor.answerWith(() => null) }
}

/** A vendor that accepted the job, lost the response, and does not list the job until `show` is called. */
async function startHidden(t: Test, wrap: Wrappers = {}) {
  const { gateway, vendor } = await start(t, { ...official, id: 'first', models: ['sora-2'] }, wrap)
  let hides = true
  vendor.answerWith(({ method, path }, { status, body }) => {
    if (method === 'POST') return { status: 502, body: '<html>' }
    if (!hides || !/^\/videos(\?|$)/.test(path)) return null
    return { status, body: JSON.stringify({ ...JSON.parse(body), data: [] }) }
  })
  return { gateway, hide: () => (hides = true), show: () => (hides = false) }
}

/** The generation, its attempts, the report and the budget show the same sums. */
async function sumsAgree(t: Test, gateway: Gateway, generation: { cost_usd: number }) {
  const { body } = await gateway.call('GET', '/usage')
  t.equal(body.totals.cost_usd, generation.cost_usd)
  t.equal(body.totals.reserved_cost_usd, 0)
  const committed = await queryStorage(
    gateway.directory,
    `select (select sum(micros) from key_months) as spent,
    (select sum(micros) from key_open) as open, (select sum(cost_micros) from attempts) as ledger`,
  )
  const micros = Math.round(generation.cost_usd * 1e6)
  t.strictSame(committed, [{ spent: micros, open: 0, ledger: micros }])
}

async function unknownOne(gateway: Gateway, body: object = scene) {
  const { body: made } = await gateway.call('POST', '/generate', body)
  await gateway.advance(0)
  const { body: generation } = await gateway.call('GET', `/generations/${made.id}`)
  const [attempt] = generation.attempts
  if (attempt?.state !== 'unknown') throw new Error(JSON.stringify(generation))
  return { id: made.id, attemptId: attempt.id }
}

function resolve(gateway: Gateway, attemptId: string, body: object, headers: Record<string, string> = {}) {
  const as = { ...operator, ...headers }
  return gateway.call('POST', `/attempts/${attemptId}/resolve`, { note, ...body }, as)
}

function jobs(gateway: Gateway, upstream: string) {
  return gateway.simulator.control.renders().filter((render) => render.upstream === upstream)
}

t.test('a job that was taken is taken up by its id, delivered, and paid once', async (t) => {
  const { gateway, heal } = await start(t)
  const { id, attemptId } = await unknownOne(gateway)
  heal()
  const [render] = jobs(gateway, 'reseller')
  const key = { 'idempotency-key': 'found-1' }
  const body = { verdict: 'taken', upstream_id: render?.id }
  const answer = await resolve(gateway, attemptId, body, key)
  t.equal(answer.status, 200, JSON.stringify(answer.body))
  t.match(answer.body, {
    id: attemptId,
    generation_id: id,
    state: 'running',
    upstream_id: render?.id,
    prompt: null,
    resolution: { verdict: 'taken', by: 'other', note, contradicted_by: null },
  })
  const generation = await gateway.finished(id)
  t.match(generation, { status: 'completed', cost_usd: 0.12 })
  t.match(generation.attempts, [{ state: 'succeeded', resolution: { verdict: 'taken', by: 'other', note } }])
  t.equal(gateway.simulator.control.renders().length, 1)
  const again = await resolve(gateway, attemptId, body, key)
  t.equal(again.status, 200)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.equal(
    (await resolve(gateway, attemptId, { verdict: 'not_taken' }, key)).body.code,
    'idempotency_key_reused',
  )
})

t.test('what is known already cannot be resolved, and the answer says what it is', async (t) => {
  const { gateway, heal } = await start(t)
  const unknown = await unknownOne(gateway)
  heal()
  const { id } = await gateway.generate(scene)
  const { body: done } = await gateway.call('GET', `/generations/${id}`)
  const [owner] = done.attempts
  for (const [attempt, body, expected] of [
    [owner.id, { verdict: 'not_taken' }, { attempt: owner.id, state: 'succeeded' }],
    [
      unknown.attemptId,
      { verdict: 'taken', upstream_id: owner.upstream_id },
      { attempt: owner.id, state: 'succeeded' },
    ],
  ] as const) {
    const answer = await resolve(gateway, attempt, body)
    t.equal(answer.status, 409)
    t.match(answer.body, { code: 'conflict', ...expected })
  }
  const absent = await resolve(gateway, unknown.attemptId, { verdict: 'taken', upstream_id: 'task_none' })
  t.equal(absent.status, 422)
  t.match(absent.body, { code: 'job_not_found', errors: [{ pointer: '/upstream_id' }] })
  const { body } = await gateway.call('GET', `/generations/${unknown.id}`)
  t.match(body.attempts, [{ state: 'unknown', resolution: null }], 'none of it changed anything')
  t.equal((await resolve(gateway, `att_${'0'.repeat(26)}`, { verdict: 'not_taken' })).status, 404)
  for (const wrong of [
    { verdict: 'taken' },
    { verdict: 'not_taken', upstream_id: 'x' },
    { verdict: 'not_taken', cost_usd: 1 },
    { verdict: 'taken', upstream_id: '..' },
    { verdict: 'not_taken', note: '' },
  ])
    t.equal((await resolve(gateway, unknown.attemptId, wrong)).status, 400, JSON.stringify(wrong))
})

t.test('an attempt in any state but unknown refuses every verdict, and stays as it is', async (t) => {
  const gateway = await startGateway(t, { upstreams: [reverse], keys: scopes })
  const { id } = await gateway.generate({ ...scene, duration: 5 })
  const { directory } = gateway
  const stored = () => queryStorage(directory, 'select doc, version from generations where id = ?', [id])
  const [first] = await stored()
  const generation = JSON.parse(String(first?.['doc']))
  const [attempt] = (await gateway.call('GET', `/generations/${id}`)).body.attempts
  for (const state of attemptStates.filter((each) => each !== 'unknown')) {
    generation.attempts[0].state = state
    const doc = JSON.stringify(generation)
    await queryStorage(directory, 'update generations set doc = ? where id = ?', [doc, id])
    const before = await stored()
    for (const body of [
      { verdict: 'taken', upstream_id: 'task_other' },
      { verdict: 'not_taken' },
      { verdict: 'not_taken', charged: true },
      { verdict: 'not_taken', charged: true, cost_usd: 0.05 },
    ]) {
      const answer = await resolve(gateway, attempt.id, body)
      t.match(answer, { status: 409, body: { code: 'conflict', attempt: attempt.id, state } }, state)
    }
    t.same(await stored(), before)
  }
})

t.test('a job that was not taken costs what was said, and the next upstream is asked', async (t) => {
  for (const [said, cost] of [
    [{}, 0],
    [{ charged: true, cost_usd: 0.05 }, 0.05],
    [{ charged: true }, 0.12],
  ] as const) {
    const { gateway } = await start(t)
    const { id, attemptId } = await unknownOne(gateway)
    const answer = await resolve(gateway, attemptId, { verdict: 'not_taken', ...said })
    t.match(answer.body, {
      state: 'failed',
      failure: { code: 'not_taken' },
      cost_usd: cost,
      cost_state: 'settled',
    })
    const generation = await gateway.finished(id)
    t.equal(generation.status, 'completed')
    t.match(generation.attempts, [{ upstream: 'reseller' }, { upstream: 'second', state: 'succeeded' }])
    t.equal(generation.cost_usd, cost + 7.2)
    t.equal((await resolve(gateway, attemptId, { verdict: 'not_taken' })).body.state, 'failed', 'once')
  }
})

t.test(
  'a job that turns up although it was said not to be there is told of, followed, and what it costs is counted everywhere',
  async (t) => {
    const { gateway, hide, show } = await startHidden(t)
    const { id, attemptId } = await unknownOne(gateway)
    await resolve(gateway, attemptId, { verdict: 'not_taken' })
    const settled = await gateway.finished(id)
    t.match(settled, { status: 'completed', cost_usd: 7.2 })
    t.match(settled.attempts[0], { state: 'failed', cost_usd: 0, resolution: { contradicted_by: null } })
    await sumsAgree(t, gateway, settled)
    show()
    await gateway.advance(120_000)
    await gateway.advance(120_000)
    hide()
    await gateway.advance(120_000)
    const { body } = await gateway.call('GET', `/generations/${id}`)
    const [render] = jobs(gateway, 'first')
    t.match(body.attempts[0], {
      state: 'succeeded',
      cost_state: 'settled',
      cost_usd: 0.8,
      upstream_id: render?.id,
      resolution: { verdict: 'not_taken', contradicted_by: { upstream_id: render?.id } },
    })
    t.equal(body.cost_usd, 8)
    await sumsAgree(t, gateway, body)
    t.equal(gateway.simulator.control.bill().totalUsd, 8, 'as the vendors billed it')
    t.match(
      body.warnings.filter(({ code }: { code: string }) => code === 'resolution_contradicted').length,
      1,
    )
  },
)

t.test(
  'its video is delivered where no other was, and what a person said that it charged stays',
  async (t) => {
    for (const [said, cost] of [
      [{}, 0.8],
      [{ charged: true, cost_usd: 0.5 }, 0.5],
    ] as const) {
      const { gateway, show } = await startHidden(t)
      const alone = { ...scene, routing: { ...scene.routing, fallback: false } }
      const { id, attemptId } = await unknownOne(gateway, alone)
      await resolve(gateway, attemptId, { verdict: 'not_taken', ...said })
      const failed = await gateway.finished(id)
      t.match(failed, { status: 'failed', video: null })
      show()
      for (let round = 0; round < 4; round++) await gateway.advance(120_000)
      const { body } = await gateway.call('GET', `/generations/${id}`)
      t.match(body, { status: 'failed', cost_usd: cost, video: { content_type: 'video/mp4' } })
      t.match(body.attempts, [{ state: 'succeeded', resolution: { verdict: 'not_taken' } }])
      t.equal(gateway.simulator.control.renders().length, 1)
      await sumsAgree(t, gateway, body)
    }
  },
)

t.test('a look has the upstream asked at once, and what is settled has nothing to ask', async (t) => {
  const { gateway, vendor, heal } = await start(t, { ...official, id: 'first' })
  const { id, attemptId } = await unknownOne(gateway)
  heal()
  const look = () => gateway.call('POST', `/attempts/${attemptId}/look`, undefined, trusted)
  const asked = vendor.calls.length
  const answer = await look()
  t.equal(answer.status, 202)
  t.match(answer.body, { id: attemptId, generation_id: id, state: 'unknown', prompt: scene.prompt })
  await gateway.advance(0)
  t.ok(vendor.calls.length > asked)
  await gateway.finished(id)
  const late = await look()
  t.equal(late.status, 409)
  t.match(late.body, { code: 'conflict', attempt: attemptId, state: 'succeeded' })
})

t.test('only keys that operate may look and resolve, and both are in the audit log', async (t) => {
  const { gateway } = await start(t)
  const { id, attemptId } = await unknownOne(gateway)
  const own = { authorization: `Bearer ${keys.studio}` }
  t.equal((await resolve(gateway, attemptId, { verdict: 'not_taken' }, own)).status, 403)
  t.equal((await gateway.call('POST', `/attempts/${attemptId}/look`, undefined, own)).status, 403)
  await gateway.call('POST', `/attempts/${attemptId}/look`, undefined, operator)
  await resolve(gateway, attemptId, { verdict: 'not_taken' })
  const rows = await queryStorage(
    gateway.directory,
    "select action, key, subject, data from audit where action like 'attempt.%' order by id",
  )
  t.match(rows, [
    { action: 'attempt.looked_at', key: 'other', subject: attemptId },
    { action: 'attempt.resolved', key: 'other', subject: attemptId },
  ])
  t.match(JSON.parse(String(rows[1]?.['data'])), {
    generation: id,
    tenant: 'studio',
    verdict: 'not_taken',
    note,
  })
})

/** Like two operators who look at it before either has stored a result. */
const blind = (store: GenerationStorage) => ({ ...store, ownersOf: async () => [] })

t.test('of two people who name the same job for two attempts at once, one is right', async (t) => {
  const { gateway } = await startHidden(t, { store: blind })
  const found = [await unknownOne(gateway), await unknownOne(gateway, { ...scene, prompt: 'a tin soldier' })]
  const [job] = gateway.simulator.control.renders()
  const answers = await Promise.all(
    found.map(({ attemptId }) => {
      const body = { verdict: 'taken', upstream_id: job?.id, note }
      return gateway.call('POST', `/attempts/${attemptId}/resolve`, body, operator)
    }),
  )
  t.same(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  )
  const owners = await queryStorage(
    gateway.directory,
    'select count(*) as owners from attempts where upstream_id = ?',
    [String(job?.id)],
  )
  t.strictSame(owners, [{ owners: 1 }])
})
