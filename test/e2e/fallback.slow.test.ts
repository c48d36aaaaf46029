import t from 'tap'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const scene = { prompt: 'a paper boat in the rain', duration: 10 }

function states(generation: { attempts: { upstream: string; state: string }[] }): string[] {
  return generation.attempts.map(({ upstream, state }) => `${upstream} ${state}`)
}

function renders(gateway: Gateway): string[] {
  return gateway.simulator.control.renders().map(({ upstream }) => upstream)
}

t.test(
  'a job that was accepted and then failed is finished elsewhere, and both attempts add up to the bill',
  async (t) => {
    const gateway = await startGateway(t)
    gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
    const generation = await gateway.generate(scene)
    t.equal(generation.status, 'completed')
    t.same(states(generation), ['reseller failed', 'official succeeded'])
    t.match(generation.attempts[0].failure, { code: 'job_failed', fallback: true })
    t.match(generation.warnings, [{ code: 'duration_adjusted' }])
    t.equal(generation.cost_usd, gateway.simulator.control.bill().totalUsd)
  },
)

for (const fault of [
  { kind: 'rate_limited' as const, retryAfterSeconds: 30 },
  { kind: 'overloaded' as const, wrapped: 'in_200' as const },
  { kind: 'overloaded' as const, wrapped: 'in_502' as const },
  { kind: 'unauthorized' as const },
  { kind: 'model_gone' as const, variant: 'paused_in_200' as const },
]) {
  t.test(
    `a create answered with ${JSON.stringify(fault)} goes to the next candidate, and is not billed`,
    async (t) => {
      const gateway = await startGateway(t)
      gateway.simulator.control.setFaults('reseller', [fault])
      const generation = await gateway.generate(scene)
      t.equal(generation.status, 'completed')
      t.same(states(generation), ['reseller failed', 'official succeeded'])
      t.same(renders(gateway), ['official'])
    },
  )
}

for (const prompt of ['something forbidden', 'something forbidden-late']) {
  t.test(`a refusal is final and never taken elsewhere: "${prompt}"`, async (t) => {
    const gateway = await startGateway(t)
    const generation = await gateway.generate({ prompt, duration: 10 })
    t.equal(generation.status, 'failed')
    t.equal(generation.error.code, 'content_refused')
    t.same(states(generation), ['reseller failed'])
    t.same(gateway.simulator.control.requests()['official']?.create ?? 0, 0)
  })
}

t.test(
  'an answer lost after the job was accepted is found again where jobs can be listed: one render, delivered',
  async (t) => {
    const gateway = await startGateway(t)
    gateway.simulator.control.setFaults('official', [{ kind: 'reset', accepted: true, times: 1 }])
    const generation = await gateway.generate({ ...scene, routing: { upstreams: ['official'] } })
    t.equal(generation.status, 'completed')
    t.same(states(generation), ['official succeeded'])
    t.same(renders(gateway), ['official'])
  },
)

t.test(
  'an answer lost where jobs cannot be listed is held and never sent again, here or elsewhere',
  async (t) => {
    const gateway = await startGateway(t)
    gateway.simulator.control.setFaults('reseller', [{ kind: 'server_error', accepted: true }])
    const generation = await gateway.generate(scene)
    t.equal(generation.status, 'failed')
    t.equal(generation.error.code, 'outcome_unknown')
    t.same(states(generation), ['reseller unknown'])
    t.equal(generation.reserved_cost_usd, 0.12)
    t.same(renders(gateway), ['reseller'])
  },
)

t.test(
  'what stays unknown after its generation ended takes no slot from others, also after a restart',
  async (t) => {
    const gateway = await startGateway(t, { settings: { reseller: { limits: { max_in_flight: 1 } } } })
    gateway.simulator.control.setFaults('reseller', [{ kind: 'server_error', accepted: true, times: 1 }])
    const routing = { upstreams: ['reseller'] }
    t.equal((await gateway.generate({ ...scene, routing })).error.code, 'outcome_unknown')
    t.equal((await gateway.generate({ ...scene, routing })).status, 'completed')
    await gateway.restart()
    t.equal((await gateway.generate({ ...scene, routing })).status, 'completed')
  },
)

t.test(
  'only a caller who takes the risk gets a second upstream after an unknown outcome, with a warning',
  async (t) => {
    const gateway = await startGateway(t)
    gateway.simulator.control.setFaults('reseller', [{ kind: 'server_error', accepted: true }])
    const generation = await gateway.generate({ ...scene, routing: { on_unknown: 'fallback' } })
    t.equal(generation.status, 'completed')
    t.same(states(generation), ['reseller unknown', 'official succeeded'])
    t.match(
      generation.warnings.map(({ code }: { code: string }) => code),
      ['two_bills_possible', 'duration_adjusted'],
    )
  },
)

t.test('create_5xx: rejected makes a 5xx with the vendor’s error body a definite no', async (t) => {
  const gateway = await startGateway(t, { settings: { reseller: { create_5xx: 'rejected' } } })
  gateway.simulator.control.setFaults('reseller', [{ kind: 'server_error' }])
  const generation = await gateway.generate(scene)
  t.equal(generation.status, 'completed')
  t.same(states(generation), ['reseller failed', 'official succeeded'])
})

t.test('polls that answer nonsense, errors or nothing never end a job', async (t) => {
  const gateway = await startGateway(t, {
    settings: { reseller: { timeouts: { create_seconds: 1, stall_seconds: 600 } } },
  })
  gateway.simulator.control.setFaults('reseller', [
    { kind: 'html', on: ['poll'], times: 3 },
    { kind: 'server_error', on: ['poll'], times: 3 },
    { kind: 'unauthorized', on: ['poll'], times: 2 },
    { kind: 'reset', on: ['poll'], times: 2 },
    { kind: 'vanished', times: 2 },
  ])
  const generation = await gateway.generate(scene)
  t.equal(generation.status, 'completed')
  t.same(states(generation), ['reseller succeeded'])
})

t.test('a job not found three times in a row is lost and rendered elsewhere', async (t) => {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'vanished' }])
  const generation = await gateway.generate(scene)
  t.same(states(generation), ['reseller failed', 'official succeeded'])
  t.equal(generation.attempts[0].failure.code, 'lost')
})

t.test(
  'a job stuck at 99 % is abandoned without a verdict: nothing else is asked, and a late video is delivered',
  async (t) => {
    const gateway = await startGateway(t)
    gateway.simulator.control.setFaults('reseller', [{ kind: 'stuck' }])
    const accepted = await gateway.call('POST', '/generate', { ...scene, routing: { deadline_seconds: 600 } })
    const failed = await gateway.finished(accepted.body.id)
    t.equal(failed.error.code, 'deadline_exceeded')
    t.same(states(failed), ['reseller abandoned'])
    t.equal(failed.attempts[0].failure.code, 'stalled')
    t.same(renders(gateway), ['reseller'])

    gateway.simulator.control.finish(gateway.simulator.control.renders()[0]!.id)
    for (let step = 0; step < 20; step++) await gateway.advance(30_000)
    const { body: late } = await gateway.call('GET', `/generations/${accepted.body.id}`)
    t.equal(late.status, 'failed', 'what was final stays final')
    t.ok(late.video)
    t.match(late.warnings.at(-1), { code: 'late_video' })
    t.equal(late.cost_usd, 0.12)
    t.equal((await gateway.call('GET', `/generations/${accepted.body.id}/video`)).status, 200)
  },
)

for (const fault of [
  { kind: 'truncated' as const, times: 2 },
  { kind: 'wrong_type' as const, times: 2 },
  { kind: 'not_ready' as const, times: 2 },
]) {
  t.test(`a download that goes wrong is tried again and never rendered again: ${fault.kind}`, async (t) => {
    const gateway = await startGateway(t)
    gateway.simulator.control.setFaults('official', [fault])
    const generation = await gateway.generate({ ...scene, routing: { upstreams: ['official'] } })
    t.equal(generation.status, 'completed')
    t.same(renders(gateway), ['official'])
  })
}

t.test('a video that can never be fetched ends as archive_failed, paid once', async (t) => {
  const gateway = await startGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'expired' }])
  const generation = await gateway.generate(scene)
  t.equal(generation.error.code, 'archive_failed')
  t.equal(generation.cost_usd, 0.12)
  t.same(renders(gateway), ['reseller'])
})
