import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const minCalls = 3

/**
 * One upstream per test, because breakers keep their state. An open one stays open, or becomes half-open after a moment
 * of real time.
 */
const steady = ['opening', 'refusing', 'unsure', 'binding'].map((id) => ({ ...reverse, id }))
const brief = ['probed', 'failing', 'neutral', 'polled'].map((id) => ({ ...reverse, id }))
const alone = { ...reverse, id: 'alone' }

function tuned(upstreams: SimulatedUpstream[], openSeconds: number): Record<string, object> {
  const breaker = { failure_rate: 0.5, window_seconds: 300, min_calls: minCalls, open_seconds: openSeconds }
  return Object.fromEntries(upstreams.map(({ id }) => [id, { breaker }]))
}

const gateway = await startGateway(t, {
  upstreams: [official, ...steady, ...brief, alone],
  settings: { ...tuned(steady, 60), ...tuned(brief, 0.2), ...tuned([alone], 2) },
})
const { control } = gateway.simulator

function scene(upstreams: string[], prompt = 'a storm') {
  return { prompt, duration: 5, routing: { upstreams } }
}

function play(upstreams: string[], prompt?: string): Promise<Answer['body']> {
  return gateway.generate(scene(upstreams, prompt))
}

function states(generation: Answer['body']): string[] {
  return generation.attempts.map(({ upstream, state }: Record<string, string>) => `${upstream} ${state}`)
}

function creates(upstream: string): number {
  return control.requests()[upstream]?.create ?? 0
}

async function breaker(upstream: string, operation = 'create'): Promise<{ state: string; retry_at: string }> {
  const { body } = await gateway.call('GET', '/upstreams')
  return body.data.find(({ id }: { id: string }) => id === upstream).breakers[operation]
}

/** Polls until the breaker has this state, because half-opening uses real time. */
async function until(upstream: string, state: string, operation = 'create'): Promise<void> {
  for (let tries = 0; (await breaker(upstream, operation)).state !== state; tries++) {
    if (tries > 500) throw new Error(`${upstream} did not become ${state}`)
    await pause(10)
  }
}

/** As many failures as needed; every generation ends on the official upstream. */
async function trip(upstream: string): Promise<void> {
  control.setFaults(upstream, [{ kind: 'down' }])
  for (let call = 0; call < minCalls; call++) await play([upstream, 'official'])
  control.clearFaults(upstream)
}

t.test('after enough failures new work goes elsewhere at once, and the plan says why', async (t) => {
  const upstreams = ['opening', 'official']
  control.setFaults('opening', [{ kind: 'down' }])
  for (let call = 1; call <= minCalls; call++) {
    t.equal((await breaker('opening')).state, 'closed')
    t.same(states(await play(upstreams)), ['opening failed', 'official succeeded'])
  }
  t.match(await breaker('opening'), { state: 'open', retry_at: /^\d{4}-.*Z$/ })

  const plan = await gateway.call('POST', '/route', scene(upstreams))
  t.match(plan.body, {
    candidates: [{ upstream: 'official' }],
    excluded: [{}, {}, {}, {}, { upstream: 'opening', code: 'breaker_open', detail: /create/ }],
  })
  const accepted = await gateway.call('POST', '/generate', scene(upstreams))
  t.match(plan.body, accepted.body.route, 'it is the plan that was shown')
  t.same(states(await gateway.finished(accepted.body.id)), ['official succeeded'])
  t.equal(creates('opening'), minCalls, 'it was left alone')
  t.equal((await breaker('official')).state, 'closed')
})

t.test('a half-open breaker lets one create through; when that is accepted, it closes', async (t) => {
  await trip('probed')
  await until('probed', 'half_open')
  const before = creates('probed')
  control.setFaults('probed', [{ kind: 'slow', delayMs: 300, on: ['create'] }])
  const accepted = await Promise.all(
    Array.from({ length: 5 }, () => gateway.call('POST', '/generate', scene(['probed', 'official']))),
  )
  await gateway.advance(0)
  t.equal(creates('probed'), before + 1)
  t.equal((await breaker('probed')).state, 'closed')
  const ends = []
  for (const { body } of accepted) ends.push(states(await gateway.finished(body.id)).at(-1))
  t.equal(ends.filter((end) => end === 'probed succeeded').length, 1)
  t.equal(ends.filter((end) => end === 'official succeeded').length, 4)

  control.setFaults('probed', [{ kind: 'down', times: 1 }])
  t.same(states(await play(['probed', 'official'])), ['probed failed', 'official succeeded'])
  t.equal((await breaker('probed')).state, 'closed', 'old failures are forgotten')
  t.same(states(await play(['probed', 'official'])), ['probed succeeded'])
})

t.test('a probe that fails opens the breaker again', async (t) => {
  await trip('failing')
  control.setFaults('failing', [{ kind: 'down' }])
  await until('failing', 'half_open')
  const before = creates('failing')
  t.same(states(await play(['failing', 'official'])), ['failing failed', 'official succeeded'])
  t.equal(creates('failing'), before + 1)
  t.match(await breaker('failing'), { state: /open/ })
  control.clearFaults('failing')
  await until('failing', 'half_open')
  t.same(states(await play(['failing', 'official'])), ['failing succeeded'])
  t.equal((await breaker('failing')).state, 'closed')
})

t.test('refusals, invalid requests and invalid characters never open a breaker', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
  await gateway.call('POST', '/characters', { name: 'girl', ...source })
  const only = ['refusing']
  for (let call = 0; call < 2 * minCalls; call++) {
    t.match(await play(only, 'something forbidden'), { error: { code: 'content_refused' } })
    control.setFaults('refusing', [{ kind: 'invalid_value', param: 'prompt', times: 1 }])
    t.match(await play(only), { error: { code: 'invalid_request' } })
    control.setFaults('refusing', [{ kind: 'character_invalid', times: 2 }])
    t.match(await play(only, '@girl waves'), { error: { code: 'character_unavailable' } })
  }
  t.same(await breaker('refusing'), { state: 'closed', retry_at: null })
  t.same(states(await play(only)), ['refusing succeeded'])
})

t.test('a refusal neither closes a half-open breaker nor uses up its probe', async (t) => {
  await trip('neutral')
  await until('neutral', 'half_open')
  for (let call = 0; call < 2; call++) {
    t.match(await play(['neutral'], 'something forbidden'), { error: { code: 'content_refused' } })
    t.equal((await breaker('neutral')).state, 'half_open')
  }
  t.same(states(await play(['neutral'])), ['neutral succeeded'])
  t.equal((await breaker('neutral')).state, 'closed')
})

t.test(
  'where the only upstream has an open breaker, a generation waits and completes when it closes',
  async (t) => {
    control.setFaults('alone', [{ kind: 'down' }])
    const failed = await Promise.all(
      Array.from({ length: minCalls }, () => gateway.call('POST', '/generate', scene(['alone', 'official']))),
    )
    await gateway.advance(0)
    const plan = await gateway.call('POST', '/route', scene(['alone']))
    t.equal(plan.status, 200)
    t.same(plan.body.candidates, [])
    const accepted = await gateway.call('POST', '/generate', scene(['alone']))
    t.equal(accepted.status, 202)
    await gateway.advance(0)
    const { body: waiting } = await gateway.call('GET', `/generations/${accepted.body.id}`)
    t.equal(waiting.status, 'queued')
    t.same(waiting.attempts, [])
    t.equal(creates('alone'), minCalls)
    control.clearFaults('alone')
    await until('alone', 'half_open')
    t.same(states(await gateway.finished(accepted.body.id)), ['alone succeeded'])
    for (const { body } of failed)
      t.same(states(await gateway.finished(body.id)).at(-1), 'official succeeded')
  },
)

t.test('unknown outcomes count: the few that are held are not followed by more', async (t) => {
  control.setFaults('unsure', [{ kind: 'server_error', accepted: true }])
  const held = []
  for (let call = 0; call < minCalls; call++) {
    const { body } = await gateway.call('POST', '/generate', scene(['unsure', 'official']))
    await gateway.advance(0)
    held.push(body.id)
  }
  t.equal((await breaker('unsure')).state, 'open')
  t.same(states(await play(['unsure', 'official'])), ['official succeeded'])
  for (const id of held) {
    const { body } = await gateway.call('GET', `/generations/${id}`)
    t.match(body, { status: 'in_progress', attempts: [{ state: 'unknown' }] })
  }
  t.equal(control.renders('unsure').length, minCalls)
})

t.test('an upstream that cannot make characters is still used for scenes without one', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/boy.mp4?seconds=2&size=320x240` }
  await gateway.call('POST', '/characters', { name: 'boy', ...source })
  control.setFaults('binding', [{ kind: 'down', on: ['character_create'] }])
  for (let call = 0; call < minCalls; call++) {
    t.same(states(await play(['binding', 'official'], '@boy waves')), [
      'binding failed',
      'official succeeded',
    ])
  }
  t.equal((await breaker('binding', 'character')).state, 'open')
  t.equal((await breaker('binding', 'create')).state, 'closed')
  const { body: plan } = await gateway.call('POST', '/route', scene(['binding', 'official'], '@boy waves'))
  t.match(plan.candidates, [{ upstream: 'official', fidelity: 'reference' }])
  t.match(
    plan.excluded.find(({ upstream }: { upstream: string }) => upstream === 'binding'),
    { code: 'breaker_open', detail: /character/ },
  )
  t.same(states(await play(['binding', 'official'])), ['binding succeeded'])
})

t.test(
  'an open poll breaker delays the news of a job, and neither ends it nor keeps new work away',
  async (t) => {
    const { body: accepted } = await gateway.call('POST', '/generate', scene(['polled', 'official']))
    await gateway.advance(0)
    control.setFaults('polled', [{ kind: 'down', on: ['poll'] }])
    for (let poll = 0; poll < minCalls; poll++) await gateway.advance(1000)
    t.not((await breaker('polled', 'poll')).state, 'closed')
    const { body: plan } = await gateway.call('POST', '/route', scene(['polled', 'official']))
    t.match(plan.candidates, [{ upstream: 'polled' }, { upstream: 'official' }])
    control.clearFaults('polled')
    await until('polled', 'half_open', 'poll')
    t.same(states(await gateway.finished(accepted.id)), ['polled succeeded'])
    t.equal((await breaker('polled', 'poll')).state, 'closed')
  },
)
