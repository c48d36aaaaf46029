import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { eachUpstream, official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const local = { ...official, kind: 'self_hosted' as const, price: { perSecondUsd: { default: 0.01 } } }
/** Upstreams whose response to a cancel is lost inside the gateway. */
const brokenCancels = new Set<string>()
const gateway = await startGateway(t, {
  patient: true,
  wrap: {
    directory: eachUpstream((upstream) => ({
      async cancel(operation) {
        const outcome = await upstream.cancel(operation)
        if (brokenCancels.has(upstream.spec.id)) throw new Error('a fault of ours')
        return outcome
      },
    })),
  },
  upstreams: [
    { ...reverse, render: { polls: 5 } },
    { ...official, render: { polls: 5 } },
    { ...local, id: 'gpu', render: { polls: 5 } },
    { ...local, id: 'prepaid', render: { polls: 5 }, chargedOn: 'create' },
    { ...reverse, id: 'narrow' },
  ],
  settings: {
    narrow: { limits: { max_in_flight: 1, creates_per_minute: 2 } },
    gpu: { profile: 'generic' },
    prepaid: { profile: 'generic' },
  },
})
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

async function accept(upstream: string, body: object = {}): Promise<string> {
  const routing = { upstreams: [upstream] }
  const asked = { prompt: 'a paper boat', duration: 8, routing, ...body }
  const accepted = await gateway.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

function cancel(id: string): Promise<Answer> {
  return gateway.call('POST', `/generations/${id}/cancel`)
}

async function see(id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

/** Accepted, submitted and running. */
async function run(upstream: string): Promise<string> {
  const id = await accept(upstream)
  await gateway.advance(0)
  await gateway.advance(1000)
  const { attempts } = await see(id)
  if (attempts[0]?.state !== 'running') throw new Error(`${id} does not run`)
  return id
}

/** Lets 15 minutes pass in steps. */
async function wait(): Promise<void> {
  for (let step = 0; step < 90; step++) await gateway.advance(10_000)
}

/** Polls until it holds, within far more time than it needs. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1000) throw new Error('did not come to hold')
    await pause(5)
  }
}

t.test('a generation that waits for a free slot is cancelled without ever having been sent', async (t) => {
  const running = await accept('narrow')
  await gateway.advance(0)
  const id = await accept('narrow')
  await gateway.advance(0)
  t.equal((await see(id)).status, 'queued')
  const cancelled = await cancel(id)
  t.match(cancelled, {
    status: 200,
    body: { status: 'cancelled', error: { code: 'cancelled' }, cost_usd: 0, reserved_cost_usd: 0 },
  })
  t.same(cancelled.body.attempts, [])
  t.ok(cancelled.body.completed_at)
  t.match(await gateway.finished(running), { status: 'completed' })
  await wait()
  t.same(await see(id), cancelled.body)
  t.equal(control.renders().length, 1)
})

t.test(
  'a generation whose create waits for its turn is cancelled, and the create never leaves',
  async (t) => {
    for (const take of [1, 2])
      t.match(await gateway.finished(await accept('narrow')), { status: 'completed' }, `${take}`)
    const id = await accept('narrow')
    await gateway.advance(0)
    t.match(await see(id), {
      status: 'in_progress',
      attempts: [{ state: 'binding' }],
      reserved_cost_usd: 0.12,
    })
    t.match((await cancel(id)).body, {
      status: 'cancelled',
      attempts: [{ state: 'failed', failure: { code: 'cancelled' }, cost_usd: 0, cost_state: 'settled' }],
      reserved_cost_usd: 0,
    })
    await wait()
    t.equal(control.requests()['narrow']?.create, 2)
  },
)

t.test(
  'where a running job cannot be stopped, the generation ends at once and its cost follows',
  async (t) => {
    for (const upstream of ['official', 'reseller']) {
      const id = await run(upstream)
      const { cost } = upstream === 'official' ? { cost: 0.8 } : { cost: 0.12 }
      const cancelled = await cancel(id)
      t.match(cancelled, {
        status: 200,
        body: {
          status: 'cancelled',
          attempts: [{ state: 'abandoned', cost_state: 'reserved', cost_usd: cost }],
          cost_usd: 0,
          reserved_cost_usd: cost,
        },
      })
      await wait()
      t.match(await see(id), {
        status: 'cancelled',
        completed_at: cancelled.body.completed_at,
        video: null,
        attempts: [{ state: 'succeeded', cost_state: 'settled' }],
        cost_usd: cost,
        reserved_cost_usd: 0,
      })
      t.equal((await gateway.call('GET', `/generations/${id}/video`)).status, 404)
    }
    t.equal(control.requests()['official']?.delete, 0, 'a delete would only take away what is paid for')
    t.equal(control.requests()['official']?.content, 0, 'what nobody wants is not fetched')
    t.equal(control.bill().totalUsd, 0.92)
  },
)

t.test('a cancelled job that then fails costs what the upstream charges for a failure', async (t) => {
  const id = await run('official')
  await cancel(id)
  control.failJob(control.renders()[0]?.id ?? '', 'processing_error')
  await wait()
  t.match(await see(id), {
    status: 'cancelled',
    cost_usd: 0,
    reserved_cost_usd: 0,
    error: { code: 'cancelled' },
  })
  t.equal(control.renders().length, 1, 'and is not tried again')
})

t.test(
  'where a running job can be stopped, it is stopped and costs what was charged until then',
  async (t) => {
    for (const [upstream, cost] of [
      ['gpu', 0],
      ['prepaid', 0.08],
    ] as const) {
      const id = await run(upstream)
      t.match((await cancel(id)).body, { status: 'cancelled' })
      await gateway.advance(0)
      t.match(await see(id), {
        attempts: [{ state: 'failed', failure: { code: 'cancelled' }, cost_state: 'settled' }],
        cost_usd: cost,
        reserved_cost_usd: 0,
      })
      t.match(control.renders(upstream), [{ state: 'deleted', billedUsd: cost }])
    }
  },
)

t.test('a job that was done when the cancel came is settled, and not taken away', async (t) => {
  const id = await run('gpu')
  control.finish(control.renders('gpu')[0]?.id ?? '')
  t.match((await cancel(id)).body, { status: 'cancelled' })
  await gateway.advance(0)
  t.match(await see(id), { attempts: [{ state: 'succeeded', cost_state: 'settled' }], cost_usd: 0.08 })
  t.equal(control.requests()['gpu']?.delete, 0)
  t.equal(control.bill().totalUsd, 0.08)
})

t.test(
  'a job that is gone after its cancel had no answer may have been charged: its money stays reserved',
  async (t) => {
    brokenCancels.add('gpu')
    t.teardown(() => brokenCancels.clear())
    const id = await run('gpu')
    await cancel(id)
    await gateway.advance(0)
    t.match(control.renders('gpu'), [{ state: 'deleted' }])
    await wait()
    t.match(await see(id), {
      status: 'cancelled',
      attempts: [{ state: 'failed', failure: { code: 'cancelled' }, cost_state: 'reserved' }],
      reserved_cost_usd: 0.08,
    })
    t.equal(control.requests()['gpu']?.delete, 1, 'and it is not asked again')
  },
)

t.test('a cancel that meets a create on its way stops the job as soon as it is known', async (t) => {
  control.setFaults('gpu', [{ kind: 'slow', delayMs: 1000, on: ['create'] }])
  const id = await accept('gpu')
  const working = gateway.advance(0)
  await until(() => control.renders().length === 1)
  t.match((await cancel(id)).body, { status: 'cancelled', attempts: [{ state: 'submitting' }] })
  await working
  await gateway.advance(1000)
  t.match(await see(id), { status: 'cancelled', attempts: [{ state: 'failed' }], reserved_cost_usd: 0 })
  t.same(
    control.renders('gpu').map(({ state }) => state),
    ['deleted'],
  )
})

t.test('a cancelled create with an unknown outcome stays reserved until its job is found', async (t) => {
  control.setFaults('official', [
    { kind: 'reset', accepted: true },
    { kind: 'down', on: ['list'], times: 1 },
  ])
  const id = await accept('official')
  await gateway.advance(0)
  t.match((await cancel(id)).body, {
    status: 'cancelled',
    attempts: [{ state: 'unknown' }],
    reserved_cost_usd: 0.8,
  })
  await wait()
  t.match(await see(id), { attempts: [{ state: 'succeeded' }], cost_usd: 0.8, reserved_cost_usd: 0 })
  t.equal(control.renders().length, 1)
})

t.test('a cancel while the video is being fetched keeps the bill and no file', async (t) => {
  const files = await gateway.files()
  control.setFaults('official', [{ kind: 'not_ready', times: 3 }])
  const id = await accept('official')
  for (let step = 0; step < 6; step++) await gateway.advance(1000)
  t.match(await see(id), { status: 'in_progress', attempts: [{ state: 'archiving' }] })
  t.match((await cancel(id)).body, { status: 'cancelled', video: null, cost_usd: 0.8, reserved_cost_usd: 0 })
  await wait()
  t.match(await see(id), { status: 'cancelled', video: null, cost_usd: 0.8 })
  t.same(await gateway.files(), files)
})

t.test('a cancel in the middle of the download leaves no file behind', async (t) => {
  const files = await gateway.files()
  control.setFaults('official', [{ kind: 'drip', bytesPerSecond: 40_000 }])
  const id = await accept('official')
  for (let step = 0; step < 5; step++) await gateway.advance(1000)
  const working = gateway.advance(1000)
  await until(() => control.requests()['official']?.content === 1)
  t.match((await cancel(id)).body, { status: 'cancelled', attempts: [{ state: 'succeeded' }] })
  await working
  t.match(await see(id), { status: 'cancelled', video: null, cost_usd: 0.8 })
  t.same(await gateway.files(), files)
})

t.test('cancelling what has ended changes nothing', async (t) => {
  const completed = await gateway.finished(await accept('gpu'))
  t.same((await cancel(completed.id)).body, completed)
  const failed = await gateway.finished(await accept('gpu', { prompt: 'something forbidden' }))
  t.same((await cancel(failed.id)).body, failed)
  const cancelled = await cancel(await accept('gpu'))
  await gateway.advance(1000)
  t.same((await cancel(cancelled.body.id)).body, cancelled.body)
})

t.test('a live generation is not deleted; one that has ended goes with its media', async (t) => {
  const files = await gateway.files()
  const form = new FormData()
  form.set('prompt', 'a paper boat')
  form.set('routing', JSON.stringify({ upstreams: ['gpu'] }))
  const clip = new Uint8Array(await aClip({ seconds: 1, width: 320, height: 240 }))
  form.set('reference', new Blob([clip], { type: 'video/mp4' }), 'boat.mp4')
  const { body: accepted } = await gateway.call('POST', '/generate', form)
  const path = `/generations/${accepted.id}`
  for (const ms of [0, 1000]) {
    t.match(await gateway.call('DELETE', path), { status: 409, body: { code: 'conflict' } })
    await gateway.advance(ms)
  }
  await gateway.finished(accepted.id)
  t.equal((await gateway.call('GET', `${path}/thumbnail`)).status, 200)
  t.equal((await gateway.files()).length, files.length + 3, 'reference, video and picture')
  t.equal((await gateway.call('DELETE', path)).status, 204)
  for (const tail of ['', '/video', '/thumbnail', '/events']) {
    t.match(await gateway.call('GET', `${path}${tail}`), { status: 404, body: { code: 'not_found' } })
  }
  t.equal((await gateway.call('DELETE', path)).status, 404)
  t.same(await gateway.files(), files)
})

t.test('a cancelled generation is not deleted while its job may still cost money', async (t) => {
  const id = await run('official')
  await cancel(id)
  await gateway.advance(0)
  t.match(await gateway.call('DELETE', `/generations/${id}`), { status: 409, body: { code: 'conflict' } })
  await wait()
  t.equal((await see(id)).cost_usd, 0.8)
  t.equal((await gateway.call('DELETE', `/generations/${id}`)).status, 204)
})
