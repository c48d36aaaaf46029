import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { aClip } from '../fixtures/clips.ts'
import { startCollector } from '../fixtures/trace-collector.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import { startReceiver } from './receiver.ts'
import { storedBytes } from './test-storage.ts'

const signing = (name: string) => `whsec_${Buffer.from(`canary of ${name}, long enough`).toString('base64')}`
const admin = 'canary-admin-key-6f21c9a07d'
const vendorSecret = signing('a vendor')
const ownSecret = signing('a tenant')
const asAdmin = { authorization: `Bearer ${admin}` }

/** A vendor that repeats the request in every response; `turn` selects how it answers creates and polls. */
let turn = 0
const parrot = createServer((request, response) => {
  const heard = JSON.stringify([request.headers, request.rawHeaders, request.url])
  const error = {
    code: 'invalid_request_error',
    message: `Heard ${request.headers.authorization} in ${heard}`,
  }
  const bodies = [
    [401, { error }],
    [400, { error, message: error.message }],
    [200, { code: 500, msg: error.message, error }],
    [
      200,
      {
        id: `job-${turn}`,
        status: request.method === 'POST' ? 'queued' : `heard ${request.headers.authorization}`,
        model: request.headers.authorization,
        note: heard,
      },
    ],
    [200, { id: `job-${turn}`, status: 'failed', error, fail_reason: error.message }],
    [503, heard],
  ] as const
  const chosen = request.method === 'POST' ? turn : Math.floor(turn / bodies.length)
  const [status, body] = bodies[chosen % bodies.length] ?? [500, '']
  request.resume()
  request.once('end', () => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-heard': request.headers.authorization ?? '',
    })
    response.end(JSON.stringify(body))
  })
})
parrot.listen(0, '127.0.0.1')
await once(parrot, 'listening')
t.teardown(() => parrot.close())
const parrotAddress = parrot.address()
const parrotPort = typeof parrotAddress === 'object' ? parrotAddress?.port : null

const echo = { ...official, id: 'echo', apiKey: 'canary.of.the.echo.1' }
const echoTasks = { ...reverse, id: 'echo-tasks', apiKey: 'canary.of.the.echo.2' }
const never = { breaker: { failure_rate: 1, window_seconds: 1, min_calls: 10_000, open_seconds: 1 } }
const collector = await startCollector(t)
const gateway = await startGateway(t, {
  upstreams: [reverse, official, echo, echoTasks],
  settings: {
    official: { webhook_secret: vendorSecret },
    echo: { base_url: `http://127.0.0.1:${parrotPort}/v1`, ...never },
    'echo-tasks': { base_url: `http://127.0.0.1:${parrotPort}`, ...never },
  },
  keys: { other: { webhook_secrets: [ownSecret] } },
  env: { UNDERSTUDY_ADMIN_KEY: admin },
  traces: { endpoint: collector.url },
})
const { leaks } = gateway
const { control } = gateway.simulator
leaks.add(admin, ownSecret, vendorSecret)
const receiver = await startReceiver(t)

const linesWanted = 10_000
/** Every answer of the vendor that repeats everything. */
const rounds = 6
const faults: FaultInput[][] = [
  [],
  [{ kind: 'unauthorized' }],
  [{ kind: 'reset', on: ['create'], times: 1 }],
  [{ kind: 'server_error', body: 'html', times: 2 }],
  [{ kind: 'odd_body', body: 'error', times: 1 }],
  [{ kind: 'billing' }],
  [{ kind: 'rate_limited', times: 2 }],
  [{ kind: 'html', on: ['content'], times: 1 }],
]

/** Known mistakes of callers that expose a secret. */
async function misplaced(secret: string): Promise<void> {
  const nobody = { authorization: '' }
  await gateway.call('GET', '/generations', undefined, { authorization: `Bearer ${secret}-unknown` })
  await gateway.call('GET', '/generations', undefined, { authorization: `Basic ${secret}` })
  await gateway.call('GET', `/generations?key=${secret}`, undefined, nobody)
  await gateway.call('GET', `/v1/videos?api_key=${secret}`, undefined, { ...nobody, 'x-api-key': secret })
  await gateway.call('GET', '/upstreams', undefined, { cookie: `session=${secret}` })
}

t.test(
  'no secret is in any line of the log, any answer, any message, any span or any file of the database',
  async (t) => {
    const unknown = 'canary-of-a-caller-2b7e'
    const token = 'canary-of-an-address-91d0'
    const prompt = 'a canary of a prompt'
    leaks.add(unknown)
    // Values that are needed later are stored, and returned to their owner.
    leaks.addPrivate(prompt, token)

    const made = await gateway.call('POST', '/keys', { name: 'made', tenant: 'studio' }, asAdmin)
    t.equal(made.status, 201)
    leaks.add(made.body.secret)
    const rotated = await gateway.call('POST', `/keys/${made.body.id}/rotate`, {}, asAdmin)
    leaks.add(rotated.body.secret)
    const asMade = { authorization: `Bearer ${rotated.body.secret}` }
    const told = await gateway.call('POST', '/webhook-secrets', {})
    leaks.add(told.body.secret)

    const form = new FormData()
    form.set('name', 'barista')
    form.set('video', new Blob([await aClip({ seconds: 2, width: 320, height: 240 })]), 'clip.mp4')
    await gateway.call('POST', '/characters', form)
    await gateway.call('POST', '/characters', {
      name: 'far',
      video_url: `http://127.0.0.1:1/clip.mp4?token=${token}`,
    })

    for (let round = 0; round < rounds; round++) {
      turn = round
      control.setFaults('reseller', faults[round % faults.length] ?? [])
      control.setFaults('official', faults[(round * 3 + 1) % faults.length] ?? [])
      const webhook_url = `${receiver.url}/hook?token=${token}`
      const asked = { prompt: `${prompt} ${round}`, duration: 5, webhook_url }
      const last = await Promise.all([
        gateway.call('POST', '/generate', asked),
        gateway.call(
          'POST',
          '/generate',
          { ...asked, routing: { upstreams: ['echo', 'echo-tasks'] } },
          asMade,
        ),
        gateway.call('POST', '/generate', {
          ...asked,
          prompt: `@barista ${prompt}`,
          routing: { upstreams: ['echo-tasks', 'reseller'] },
        }),
        gateway.call('POST', '/v1/videos', { model: 'sora-2', prompt, seconds: '8' }),
      ])
      for (const { body } of last) if (body.object !== 'video') await gateway.finished(body.id)
      await gateway.call('GET', `/generations/${last[1].body.id}/events`)
      await gateway.call('GET', `/generations/${last[1].body.id}/deliveries`)
      if (round === 1)
        for (const secret of [keys.studio, admin, official.apiKey, unknown]) await misplaced(secret)
      for (const path of [
        '/generations?limit=20',
        '/upstreams',
        '/characters',
        '/usage',
        '/v1/videos',
        '/webhook-secrets',
      ]) {
        await gateway.call('GET', path)
      }
      for (const path of ['/keys', '/audit?limit=100', '/usage?format=csv&group_by=key']) {
        await gateway.call('GET', path, undefined, asAdmin)
      }
      await gateway.call(
        'POST',
        '/webhooks/official',
        { data: { id: vendorSecret } },
        { 'webhook-signature': 'v1,x' },
      )
    }
    const { body: page } = await gateway.call('GET', '/generations?limit=50')
    const paths = page.data.flatMap(({ id }: { id: string }) => [
      `/generations/${id}`,
      `/generations/${id}/deliveries`,
      `/v1/videos/${id}`,
      `/generations?before=${id}`,
    ])
    while (leaks.lines() < linesWanted)
      await Promise.all(paths.map((path: string) => gateway.call('GET', path)))
    await gateway.call('GET', '/openapi.json')
    await gateway.restart()
    await gateway.call('GET', '/health/ready')

    t.ok(receiver.messages.length > 0)
    for (const { text, headers } of receiver.messages)
      leaks.look('webhook', JSON.stringify([text, { ...headers, path: '' }]))
    t.ok(collector.spans.some(({ name }) => name === 'attempt echo'))
    for (const text of collector.texts) leaks.line(text)
    let stored = false
    for (const [name, bytes] of await storedBytes(gateway.directory)) {
      stored ||= bytes.includes(prompt)
      leaks.look(name, bytes)
    }
    t.ok(stored, 'what is stored is found')
    t.ok(leaks.lines() >= linesWanted, `${leaks.lines()} lines`)
    t.same(leaks.found, [])
  },
)
