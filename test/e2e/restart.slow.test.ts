import t from 'tap'
import { official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const gateway = await startGateway(t, {
  patient: true,
  upstreams: [
    { ...reverse, render: { polls: 5 } },
    { ...official, render: { polls: 5 } },
    { ...reverse, id: 'slow', render: { polls: 5 } },
  ],
  settings: { slow: { limits: { creates_per_minute: 1 } } },
})
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

async function accept(upstream: string, body: object = {}): Promise<string> {
  const asked = { prompt: 'a paper boat', duration: 5, routing: { upstreams: [upstream] }, ...body }
  const accepted = await gateway.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

async function see(id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

function states(generation: Answer['body']): string[] {
  return generation.attempts.map(({ upstream, state }: Record<string, string>) => `${upstream} ${state}`)
}

/** Steps until the attempt is in this state. */
async function reach(id: string, state: string): Promise<Answer['body']> {
  for (let step = 0; step < 50; step++) {
    const generation = await see(id)
    if (generation.attempts.at(-1)?.state === state) return generation
    await gateway.advance(step === 0 ? 0 : 500)
  }
  throw new Error(`${id} did not become ${state}`)
}

t.test('a generation that nobody has begun on is taken up after a restart, as it was planned', async (t) => {
  const id = await accept('reseller')
  const before = await see(id)
  await gateway.restart(60_000)
  // What could start at once is expected to start now, whenever one asks.
  t.same({ ...(await see(id)), estimated_start: null }, { ...before, estimated_start: null })
  t.same(states(await gateway.finished(id)), ['reseller succeeded'])
  t.equal(control.renders().length, 1)
})

t.test('an attempt that had not been sent yet is sent after a restart, once', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
  await gateway.call('POST', '/characters', { name: 'girl', ...source })
  t.match(await gateway.finished(await accept('slow')), { status: 'completed' })
  const id = await accept('slow', { prompt: '@girl waves' })
  const { attempts } = await reach(id, 'binding')
  await gateway.restart()
  t.same((await see(id)).attempts, attempts)
  const generation = await gateway.finished(id)
  t.same(states(generation), ['slow succeeded'])
  t.equal(generation.attempts[0].id, attempts[0].id)
  t.equal(control.renders().length, 2)
  t.equal(control.requests()['slow']?.character_create, 1, 'the binding was kept')
})

t.test('a running job is found again after a restart and rendered once', async (t) => {
  for (const upstream of ['reseller', 'official']) {
    const id = await accept(upstream)
    await reach(id, 'running')
    await gateway.advance(2000)
    const before = await see(id)
    t.ok(before.progress > 0)
    await gateway.restart(30_000)
    const after = await see(id)
    t.same(after, before)
    const generation = await gateway.finished(id)
    t.same(states(generation), [`${upstream} succeeded`])
    t.equal(control.renders(upstream).length, 1)
    t.equal(generation.cost_usd, control.bill().upstreams[upstream]?.billedUsd)
  }
})

t.test('a video that was being fetched is fetched after a restart, and not rendered again', async (t) => {
  control.setFaults('official', [{ kind: 'not_ready' }])
  const id = await accept('official')
  await reach(id, 'archiving')
  await gateway.restart()
  t.match(await see(id), { status: 'in_progress', attempts: [{ state: 'archiving' }], cost_usd: 0.8 })
  control.clearFaults('official')
  const generation = await gateway.finished(id)
  t.same(states(generation), ['official succeeded'])
  t.equal((await gateway.call('GET', `/generations/${id}/video`)).body.length, generation.video.bytes)
  t.equal(control.renders().length, 1)
})

t.test('an outcome that was unknown is still looked for after a restart, and never sent again', async (t) => {
  control.setFaults('official', [
    { kind: 'reset', accepted: true },
    { kind: 'down', on: ['list'] },
  ])
  const id = await accept('official')
  await reach(id, 'unknown')
  await gateway.restart()
  t.match(await see(id), { attempts: [{ state: 'unknown' }], reserved_cost_usd: 0.8 })
  control.clearFaults('official')
  t.same(states(await gateway.finished(id)), ['official succeeded'])
  t.equal(control.renders().length, 1)
})

t.test('a fallback after a restart follows the plan that was made before it', async (t) => {
  control.setFaults('reseller', [{ kind: 'stuck' }])
  const id = await accept('reseller', { routing: { upstreams: ['reseller', 'official'] } })
  await reach(id, 'running')
  const { route } = await see(id)
  await gateway.restart()
  control.failJob(control.renders()[0]?.id ?? '', 'processing_error')
  const generation = await gateway.finished(id)
  t.same(states(generation), ['reseller failed', 'official succeeded'])
  t.same(generation.route, route)
})

t.test(
  'a deadline that passes while the gateway is down ends the generation when it is up again',
  async (t) => {
    const routing = { upstreams: ['reseller'], deadline_seconds: 60 }
    control.setFaults('reseller', [{ kind: 'stuck' }])
    const running = await accept('reseller', { routing })
    await reach(running, 'running')
    const queued = await accept('reseller', { routing })
    await gateway.restart(3600_000)
    await gateway.advance(0)
    t.match(await see(queued), {
      status: 'failed',
      error: { code: 'deadline_exceeded' },
      reserved_cost_usd: 0,
    })
    t.same((await see(queued)).attempts, [], 'what is late is not begun')
    t.match(await see(running), {
      status: 'failed',
      error: { code: 'deadline_exceeded' },
      attempts: [{ state: 'abandoned' }],
      reserved_cost_usd: 0.12,
    })
    t.equal(control.renders().length, 1)

    control.finish(control.renders()[0]?.id ?? '')
    for (let step = 0; step < 30; step++) await gateway.advance(60_000)
    const late = await see(running)
    t.match(late, {
      status: 'failed',
      cost_usd: 0.12,
      reserved_cost_usd: 0,
      warnings: [{ code: 'late_video' }],
    })
    t.equal((await gateway.call('GET', `/generations/${running}/video`)).status, 200)
  },
)

t.test('a job that ended while the gateway was down is delivered', async (t) => {
  const id = await accept('official')
  await reach(id, 'running')
  control.finish(control.renders()[0]?.id ?? '')
  await gateway.restart(120_000)
  await gateway.advance(0)
  t.match(await see(id), { status: 'completed', cost_usd: 0.8 })
})

t.test('a finished video is fetched although the deadline passed while the gateway was down', async (t) => {
  control.setFaults('official', [{ kind: 'not_ready' }])
  const id = await accept('official', { routing: { upstreams: ['official'], deadline_seconds: 60 } })
  await reach(id, 'archiving')
  control.clearFaults('official')
  await gateway.restart(600_000)
  await gateway.advance(0)
  t.match(await see(id), { status: 'completed', error: null, cost_usd: 0.8 })
})

t.test('a cancelled job is still watched after a restart until its cost is known', async (t) => {
  const id = await accept('reseller')
  await reach(id, 'running')
  await gateway.call('POST', `/generations/${id}/cancel`)
  await gateway.restart()
  t.match(await see(id), { status: 'cancelled', reserved_cost_usd: 0.12 })
  for (let step = 0; step < 60; step++) await gateway.advance(5000)
  t.match(await see(id), { status: 'cancelled', cost_usd: 0.12, reserved_cost_usd: 0 })
})

t.test('characters, their bindings and finished videos are there after a restart', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/boy.mp4?seconds=2&size=320x240` }
  await gateway.call('POST', '/characters', { name: 'boy', ...source })
  const { id } = await gateway.finished(await accept('reseller', { prompt: '@boy waves' }))
  const paths = ['/characters', '/generations?limit=100', `/generations/${id}`, `/generations/${id}/video`]
  const look = async () => {
    const bodies = []
    for (const path of paths) bodies.push((await gateway.call('GET', path)).body)
    // Signed addresses name the port, which is another one afterwards.
    return bodies.map((body) =>
      Buffer.isBuffer(body) ? body : JSON.stringify(body).replaceAll(gateway.address, ''),
    )
  }
  const before = await look()
  await gateway.restart()
  t.same(await look(), before)
})
