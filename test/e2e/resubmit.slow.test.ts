import t from 'tap'
import { finishedSeries } from './series-stage.ts'
import type { Answer, Gateway } from './gateway.ts'
import {
  ledgerOf,
  operator,
  price,
  renders,
  resubmit,
  scene,
  startLosing,
  trusted,
  unknownOne,
} from './resubmit-stage.ts'

async function get(gateway: Gateway, id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

t.test('without the words nothing is sent, and the answer names both bills', async (t) => {
  const { gateway } = await startLosing(t)
  const { id, attemptId } = await unknownOne(gateway)
  for (const body of [{}, { accept_two_bills: false }]) {
    const answer = await resubmit(gateway, id, body)
    t.equal(answer.status, 409)
    t.match(answer.body, {
      code: 'two_bills_possible',
      attempt: attemptId,
      first_bill: { upstream: 'first', usd: price.first },
      second_bill: { upstream: 'second', usd: price.second },
      errors: [{ pointer: '/accept_two_bills' }],
    })
  }
  await gateway.advance(1000)
  t.same(renders(gateway), ['first'])
  t.match(await get(gateway, id), { attempts: [{ state: 'unknown', resubmission: null }] })
})

t.test(
  'while the outcome is held, and after the generation has failed for it, the next upstream is asked',
  async (t) => {
    for (const isOver of [false, true]) {
      const { gateway, state } = await startLosing(t)
      const { id, attemptId } = await unknownOne(gateway)
      if (isOver) t.match((await gateway.finished(id)).error, { code: 'outcome_unknown' })
      const answer = await resubmit(gateway, id)
      t.equal(answer.status, 202, JSON.stringify(answer.body))
      t.match(answer.body, {
        status: 'in_progress',
        error: null,
        completed_at: null,
        attempts: [{ id: attemptId, state: 'unknown', resubmission: { by: 'studio' } }],
      })
      t.match(answer.body.warnings.at(-1), { code: 'two_bills_possible', detail: /first.*0\.8.*studio/ })
      const done = await gateway.finished(id)
      t.match(done, { status: 'completed', cost_usd: price.second, reserved_cost_usd: price.first })
      t.same(renders(gateway), ['first', 'second'])

      state.hides = false
      await gateway.advance(120_000)
      await gateway.advance(120_000)
      const settled = await get(gateway, id)
      t.match(settled.attempts, [
        { state: 'succeeded', cost_state: 'settled', cost_usd: price.first },
        { state: 'succeeded', cost_state: 'settled', cost_usd: price.second },
      ])
      const bill = gateway.simulator.control.bill().totalUsd
      t.equal(bill, price.first + price.second, 'both vendors charged')
      t.equal(settled.cost_usd, bill)
      t.same(await ledgerOf(gateway), {
        settled: Math.round(bill * 1e6),
        reserved: 0,
        spent: Math.round(bill * 1e6),
        open: 0,
        generations: 0,
      })
      const { body: usage } = await gateway.call('GET', '/usage')
      t.match(
        usage.totals,
        { videos: 1, cost_usd: bill, unused_cost_usd: price.first },
        'one is paid with no video',
      )
    }
  },
)

t.test('a click twice, and any later repetition, send once', async (t) => {
  const { gateway, state } = await startLosing(t)
  state.secondLoses = true
  const { id } = await unknownOne(gateway)
  const answers = await Promise.all(Array.from({ length: 5 }, () => resubmit(gateway, id)))
  t.same(new Set(answers.map(({ status }) => status)), new Set([202]))
  const fresh = answers.filter(({ headers }) => headers.get('idempotent-replayed') !== 'true')
  t.equal(fresh.length, 1)
  await gateway.advance(1000)
  const { attempts } = await get(gateway, id)
  t.match(attempts, [{ state: 'unknown' }, { upstream: 'second', state: 'unknown' }])
  const late = await resubmit(gateway, id)
  t.equal(
    late.headers.get('idempotent-replayed'),
    'true',
    'the second outcome is unknown too, and was not accepted',
  )
  await gateway.advance(1000)
  t.same(renders(gateway), ['first', 'second'])

  const named = { accept_two_bills: true, attempt: attempts[1].id }
  t.equal((await resubmit(gateway, id, named)).status, 202)
  t.match(await gateway.finished(id), { status: 'completed', cost_usd: 4 })
  t.same(renders(gateway), ['first', 'second', 'third'])
})

t.test('a crash after it was accepted, or after it was about to leave, never sends twice', async (t) => {
  const { gateway, state } = await startLosing(t)
  const { id } = await unknownOne(gateway)
  await resubmit(gateway, id)
  await gateway.restart()
  t.same(renders(gateway), ['first'], 'nothing left before the crash')
  state.secondLoses = true
  await gateway.advance(1000)
  t.same(renders(gateway), ['first', 'second'])
  // Its answer is lost, as in a crash right after it left.
  await gateway.restart()
  for (let round = 0; round < 5; round++) await gateway.advance(60_000)
  t.equal((await resubmit(gateway, id)).headers.get('idempotent-replayed'), 'true')
  t.match(await gateway.finished(id), { status: 'failed', error: { code: 'outcome_unknown' } })
  t.same(renders(gateway), ['first', 'second'])
})

t.test('a job that turns up before the second was sent is delivered, and nothing else is paid', async (t) => {
  const { gateway, state } = await startLosing(t)
  const { id } = await unknownOne(gateway)
  const pause = { reason: 'the account is checked' }
  await gateway.call('POST', '/upstreams/second/pause', pause, operator)
  await gateway.call('POST', '/upstreams/third/pause', pause, operator)
  const asked = await resubmit(gateway, id, {})
  t.match(asked.body, { code: 'two_bills_possible', second_bill: { upstream: null, usd: null } })
  await resubmit(gateway, id)
  await gateway.advance(5000)
  t.match((await get(gateway, id)).warnings, [{}, { code: 'upstream_paused' }, { code: 'upstream_paused' }])
  state.hides = false
  t.match(await gateway.finished(id), { status: 'completed', cost_usd: price.first, reserved_cost_usd: 0 })
  await gateway.call('POST', '/upstreams/second/resume', undefined, operator)
  await gateway.advance(60_000)
  t.same(renders(gateway), ['first'])
})

t.test(
  'ceilings hold: what does not fit, or has nowhere to go, is refused and changes nothing',
  async (t) => {
    const { gateway } = await startLosing(t)
    for (const [routing, code] of [
      [{ max_cost_usd: 2.5 }, 'over_max_cost'],
      [{ max_cost_usd: 1 }, 'no_upstream'],
      [{ fallback: false }, 'no_upstream'],
      [{ upstreams: ['first'] }, 'no_upstream'],
    ] as const) {
      const { id } = await unknownOne(gateway, { ...scene, routing })
      for (const body of [{}, { accept_two_bills: true }]) {
        const answer = await resubmit(gateway, id, body)
        t.equal(answer.status, 422)
        t.equal(answer.body.code, code)
      }
      t.match(await gateway.finished(id), { status: 'failed', attempts: [{ resubmission: null }] })
    }
    const { id } = await unknownOne(gateway)
    await gateway.call('POST', `/generations/${id}/cancel`)
    const cancelled = await resubmit(gateway, id)
    t.match(cancelled, { status: 409, body: { code: 'conflict', state: 'unknown' } })
    const other = await resubmit(gateway, id, { accept_two_bills: true, attempt: `att_${'0'.repeat(26)}` })
    t.match(other, { status: 404, body: { errors: [{ pointer: '/attempt' }] } })
    t.equal(new Set(renders(gateway)).size, 1)
  },
)

t.test('a generation that had ended must fit into the budget and the places of its key again', async (t) => {
  const { gateway } = await startLosing(t)
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  for (const [limits, status, code] of [
    [{ monthly_budget_usd: 8 }, 402, 'budget_exceeded'],
    [{ max_in_flight: 1 }, 429, 'too_many_in_flight'],
  ] as const) {
    const key = { name: `limited-${code}`, tenant: 'studio', scopes: ['generate', 'read'], ...limits }
    const { body: made } = await gateway.call('POST', '/keys', key, admin)
    const as = { authorization: `Bearer ${made.secret}` }
    const { id } = await unknownOne(gateway, scene, as)
    await gateway.finished(id, as)
    const { id: next } = await unknownOne(gateway, { ...scene, prompt: 'a tin soldier' }, as)
    const before = await ledgerOf(gateway)
    const answer = await resubmit(gateway, id, { accept_two_bills: true }, as)
    t.match(answer, { status, body: { code } })
    t.same(await ledgerOf(gateway), before)
    t.match(await get(gateway, id), { status: 'failed', attempts: [{ resubmission: null }] })
    await gateway.call('POST', `/generations/${next}/cancel`, undefined, as)
    t.equal(
      (await resubmit(gateway, id, { accept_two_bills: true }, as)).status,
      202,
      'once there is room again',
    )
    await gateway.finished(id, as)
  }
})

t.test(
  'only its tenant and operators may, without seeing its prompt, and the audit log says who and whose',
  async (t) => {
    const { gateway } = await startLosing(t)
    const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
    const stranger = { name: 'stranger', tenant: 'stranger', scopes: ['generate', 'read'] }
    const { body: made } = await gateway.call('POST', '/keys', stranger, admin)
    const first = await unknownOne(gateway)
    const foreign = { authorization: `Bearer ${made.secret}` }
    t.equal((await resubmit(gateway, first.id, { accept_two_bills: true }, foreign)).status, 404)
    t.equal((await gateway.call('POST', `/generations/${first.id}/cancel`, undefined, foreign)).status, 404)
    const hidden = await resubmit(gateway, first.id, { accept_two_bills: true }, operator)
    t.equal(hidden.status, 202)
    t.notOk(JSON.stringify(hidden.body).includes('paper boat'))
    const shown = await gateway.call('POST', `/generations/${first.id}/cancel`, undefined, trusted)
    t.match(shown, {
      status: 200,
      body: { status: 'cancelled', prompt: scene.prompt, error: { message: 'Cancelled by an operator.' } },
    })
    const { body: audit } = await gateway.call('GET', `/audit?limit=100`, undefined, admin)
    const acts = audit.data.filter(({ subject }: { subject: string }) => subject === first.id)
    t.match(acts, [
      { action: 'generation.cancelled', key: 'bank', tenant: 'bank', data: { tenant: 'studio' } },
      {
        action: 'generation.resubmitted',
        key: 'other',
        data: { tenant: 'studio', attempt: first.attemptId },
      },
      { action: 'generation.created', key: 'studio' },
    ])
    t.equal((await gateway.call('POST', `/generations/${first.id}/cancel`)).body.status, 'cancelled')
  },
)

t.test(
  'a scene that failed for it is in progress again, and its series is completed within its ceiling',
  async (t) => {
    const { gateway } = await startLosing(t)
    const asked = { scenes: [{ prompt: scene.prompt, duration: 8 }], max_cost_usd: 10 }
    const made = await gateway.call('POST', '/series', asked)
    t.equal(made.status, 202, JSON.stringify(made.body))
    const failed = await finishedSeries(gateway, made.body.id)
    t.match(failed, { status: 'failed', scenes: [{ error: { code: 'outcome_unknown' } }] })
    t.equal((await resubmit(gateway, failed.scenes[0].generation_id)).status, 202)
    await gateway.finished(failed.scenes[0].generation_id)
    await gateway.advance(60_000)
    t.match(await finishedSeries(gateway, made.body.id), {
      status: 'completed',
      cost_usd: price.second,
      reserved_cost_usd: price.first,
    })
    t.same(renders(gateway), ['first', 'second'])
  },
)

t.test(
  'a generation that had ended must fit into the budget of its tenant, also one lowered since',
  async (t) => {
    const { gateway } = await startLosing(t)
    const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
    const budget = (usd: number) =>
      gateway.call('PATCH', '/tenants/studio', { monthly_budget_usd: usd }, admin)
    const { id } = await unknownOne(gateway)
    await gateway.finished(id)
    // Less than what is reserved for the first.
    t.equal((await budget(price.first / 2)).status, 200)
    const before = await ledgerOf(gateway)
    t.match(await resubmit(gateway, id), {
      status: 402,
      body: { code: 'budget_exceeded', detail: /budget of the tenant/ },
    })
    t.same(await ledgerOf(gateway), before)
    t.match(await get(gateway, id), { status: 'failed', attempts: [{ resubmission: null }] })
    t.same(renders(gateway), ['first'])
    await budget(100)
    t.equal((await resubmit(gateway, id)).status, 202, 'once there is room again')
    t.match(await gateway.finished(id), { status: 'completed' })
    t.same(renders(gateway), ['first', 'second'])
  },
)
