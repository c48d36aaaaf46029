import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import type { Test } from 'tap'
import { receivedText } from '../fixtures/received-text.ts'
import { official, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const scene = { prompt: 'a paper boat in the rain', duration: 10 }

function renders(gateway: Gateway): string[] {
  return gateway.simulator.control.renders().map(({ upstream }) => upstream)
}

interface Forwarded {
  status: number
  body: string
}

/** The reseller, extended: it makes one job of one idempotency key, and loses its first responses. */
async function startKeyed(t: Test, { lost }: { lost: number }) {
  const answers = new Map<string, Forwarded>()
  const keys: string[] = []
  let target = ''
  const forward = async (request: IncomingMessage, body: string): Promise<Forwarded> => {
    const answer = await fetch(`${target}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: {
        authorization: request.headers.authorization ?? '',
        'content-type': request.headers['content-type'] ?? 'application/json',
      },
      ...(body !== '' && { body }),
    })
    return { status: answer.status, body: await answer.text() }
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await receivedText(request)
    if (body === null) return
    const key = request.headers['idempotency-key']
    let answer = typeof key === 'string' ? answers.get(key) : undefined
    answer ??= await forward(request, body)
    if (typeof key === 'string') {
      keys.push(key)
      answers.set(key, answer)
      if (keys.length <= lost) return void request.socket.destroy()
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  }
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    keys,
    url: `http://127.0.0.1:${address.port}`,
    forwardTo(url: string) {
      target = url
    },
  }
}

t.test(
  'where the vendor honours an idempotency key, a create whose answer was lost is asked for again: one render, delivered',
  async (t) => {
    const vendor = await startKeyed(t, { lost: 3 })
    const gateway = await startGateway(t, {
      patient: true,
      settings: { reseller: { base_url: vendor.url, idempotency_header: 'Idempotency-Key' } },
    })
    vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
    const generation = await gateway.generate(scene)
    t.equal(generation.status, 'completed')
    t.match(generation.attempts, [{ upstream: 'reseller', state: 'succeeded' }])
    t.same(renders(gateway), ['reseller'])
    t.ok(vendor.keys.length > 3)
    t.equal(new Set(vendor.keys).size, 1, 'every try bears the key of the first')
    t.equal(vendor.keys[0], generation.attempts[0].id)
  },
)

t.test('nothing is sent again under its key once nobody waits for the video', async (t) => {
  const vendor = await startKeyed(t, { lost: 1 })
  const gateway = await startGateway(t, {
    patient: true,
    settings: { reseller: { base_url: vendor.url, idempotency_header: 'Idempotency-Key' } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
  const { body } = await gateway.call('POST', '/generate', scene)
  await gateway.advance(0)
  await gateway.call('POST', `/generations/${body.id}/cancel`)
  for (let step = 0; step < 60; step++) await gateway.advance(30_000)
  t.equal(vendor.keys.length, 1)
})

t.test(
  'a create that never arrived is denied by the complete list of jobs, and the next upstream is asked',
  async (t) => {
    const gateway = await startGateway(t, {
      patient: true,
      upstreams: [official, { ...official, id: 'second' }],
    })
    gateway.simulator.control.setFaults('official', [{ kind: 'reset', accepted: false, times: 1 }])
    const routing = { deadline_seconds: 1200 }
    const generation = await gateway.generate({ ...scene, duration: 8, routing })
    t.equal(generation.status, 'completed')
    t.match(generation.attempts, [
      {
        upstream: 'official',
        state: 'failed',
        cost_usd: 0,
        cost_state: 'settled',
        failure: { code: 'lost' },
      },
      { upstream: 'second', state: 'succeeded' },
    ])
    t.same(renders(gateway), ['second'])
    const [denied] = generation.attempts
    const took = Date.parse(denied.ended_at) - Date.parse(denied.started_at)
    t.ok(took >= 60_000, `the vendor had ${took} ms to list it`)
  },
)

t.test('a list that shows a job nobody owns denies nothing: it may be ours under other words', async (t) => {
  const gateway = await startGateway(t, {
    patient: true,
    upstreams: [official, { ...official, id: 'second' }],
  })
  gateway.simulator.control.setFaults('official', [{ kind: 'reset', accepted: false, times: 1 }])
  const { body } = await gateway.call('POST', '/generate', { ...scene, duration: 8 })
  await gateway.advance(0)
  const form = new FormData()
  for (const [name, value] of Object.entries({
    model: 'sora-2',
    prompt: 'A paper boat, in rain',
    seconds: '8',
  }))
    form.append(name, value)
  const stranger = await fetch(`${gateway.simulator.baseUrl('official')}/videos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${official.apiKey}` },
    body: form,
  })
  t.ok(stranger.ok, 'another program made a job with the same key')
  const generation = await gateway.finished(body.id)
  t.equal(generation.error.code, 'outcome_unknown')
  t.match(generation.attempts, [{ upstream: 'official', state: 'unknown', cost_state: 'reserved' }])
})

t.test('a list that cannot be had denies nothing', async (t) => {
  const gateway = await startGateway(t, {
    patient: true,
    upstreams: [official, { ...official, id: 'second' }],
  })
  gateway.simulator.control.setFaults('official', [
    { kind: 'reset', accepted: false, times: 1 },
    { kind: 'server_error', on: ['list'] },
  ])
  const generation = await gateway.generate({ ...scene, duration: 8 })
  t.equal(generation.error.code, 'outcome_unknown')
  t.same(renders(gateway), [])
})

t.test(
  'a list that is a page of a proxy for a while is asked for again, and the paid job is found',
  async (t) => {
    const gateway = await startGateway(t, { patient: true, upstreams: [official] })
    gateway.simulator.control.setFaults('official', [
      { kind: 'reset', accepted: true, times: 1 },
      { kind: 'html', on: ['list'] },
    ])
    const failed = await gateway.generate({ ...scene, duration: 8 })
    t.equal(failed.error.code, 'outcome_unknown')
    for (let minute = 0; minute < 10; minute++) await gateway.advance(60_000)
    gateway.simulator.control.setFaults('official', [])
    for (let minute = 0; minute < 10; minute++) await gateway.advance(60_000)
    const { body } = await gateway.call('GET', `/generations/${failed.id}`)
    t.match(body, { cost_usd: 0.8, reserved_cost_usd: 0, attempts: [{ cost_state: 'settled' }] })
    t.not(body.video, null)
    t.same(renders(gateway), ['official'])
  },
)

t.test('late success is watched for as long as is configured, and no longer', async (t) => {
  for (const [watchSeconds, delivered] of [
    [7200, true],
    [60, false],
  ] as const) {
    const gateway = await startGateway(t, { patient: true, routing: { late_watch_seconds: watchSeconds } })
    gateway.simulator.control.setFaults('reseller', [{ kind: 'stuck' }])
    const routing = { deadline_seconds: 300 }
    const failed = await gateway.generate({ ...scene, routing })
    t.equal(failed.error.code, 'deadline_exceeded')
    for (let step = 0; step < 20; step++) await gateway.advance(30_000)
    gateway.simulator.control.finish(gateway.simulator.control.renders()[0]!.id)
    for (let step = 0; step < 20; step++) await gateway.advance(30_000)
    const { body } = await gateway.call('GET', `/generations/${failed.id}`)
    t.equal(body.video !== null, delivered)
    t.equal(body.cost_usd, delivered ? 0.12 : 0)
    t.equal(body.reserved_cost_usd, delivered ? 0 : 0.12, 'what is not known stays reserved, and is shown')
    const { body: events } = await gateway.call('GET', `/generations/${failed.id}/events`)
    t.equal(String(events).includes('generation.late_video'), delivered)
  }
})
