import OpenAI from 'openai'
import t from 'tap'
import { WebhookMessage } from '../../src/gateway/http/schemas/webhooks/webhook-message.ts'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { isVerified, startReceiver } from './receiver.ts'
import type { Received } from './receiver.ts'

const second = 1000
const hour = 3600 * second
const scene = { prompt: 'a harbour', duration: 10 }
const everyEvent = [
  'generation.queued',
  'attempt.started',
  'attempt.submitting',
  'attempt.accepted',
  'attempt.archiving',
  'attempt.succeeded',
  'attempt.failed',
  'generation.completed',
]

async function makeSecret(gateway: Gateway, body: object = {}, headers = {}): Promise<string> {
  const made = await gateway.call('POST', '/webhook-secrets', body, headers)
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body.secret
}

async function log(gateway: Gateway, id: string): Promise<any[]> {
  return (await gateway.call('GET', `/generations/${id}/deliveries?limit=100`)).body.data
}

/** Moves the clock in steps, so that everything due in between runs in order. */
async function pass(gateway: Gateway, ms: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) await gateway.advance(stepMs)
}

/** Polls until it holds, by the wall clock. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < 1000; tries++) await new Promise((go) => setTimeout(go, 10))
  if (!holds()) throw new Error('did not come to hold')
}

function firstOfEach(messages: Received[]): Received[] {
  return messages.filter(({ id }, index) => messages.findIndex((other) => other.id === id) === index)
}

t.test('the end of a generation is told, thin and signed', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  const secret = await makeSecret(gateway)
  const webhook_url = `${receiver.url}/hook?shot=12`
  const generation = await gateway.generate({ ...scene, webhook_url })
  await gateway.advance(0)

  t.equal(receiver.messages.length, 1)
  const [message] = receiver.messages
  if (message === undefined) return
  t.equal(message.path, '/hook?shot=12')
  const { id } = generation
  const [delivery] = await log(gateway, id)
  t.same(message.body, {
    type: 'generation.completed',
    timestamp: generation.completed_at,
    data: { generation_id: id, status: 'completed', seq: delivery.seq },
  })
  t.strictSame(WebhookMessage.parse(message.body), message.body, 'as the OpenAPI document says')
  t.ok(isVerified(secret, message, gateway.now()), 'the public library takes it')
  t.notOk(isVerified(`whsec_${'A'.repeat(44)}`, message, gateway.now()))
  t.notOk(isVerified(secret, { ...message, text: `${message.text} ` }, gateway.now()))
  t.notMatch(JSON.stringify(message), 'harbour', 'no prompt leaves with it')
  t.match(delivery, {
    id: message.id,
    state: 'delivered',
    next_try_at: null,
    tries: [{ status: 204, message: null }],
  })
})

t.test('a receiver that fails for an hour gets every event once it is back, in order', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  const secret = await makeSecret(gateway)
  let answers = 0
  receiver.respond = () => [503, 500, 404, 302, 429][answers++ % 5] ?? 503
  const asked = await Promise.all(
    [1, 2, 3].map((n) =>
      gateway.call('POST', '/generate', {
        ...scene,
        webhook_url: `${receiver.url}/${n}`,
        webhook_events: everyEvent,
      }),
    ),
  )
  const generations = await Promise.all(asked.map(({ body }) => gateway.finished(body.id)))
  t.same([...new Set(generations.map(({ status }) => status))], ['completed'])
  await pass(gateway, hour, 30 * second)
  t.equal(new Set(receiver.messages.map(({ id }) => id)).size, 3, 'each waits with its first event')
  t.ok(receiver.messages.length > 20, `it was tried ${receiver.messages.length} times`)
  const failed = receiver.messages.splice(0)

  receiver.respond = () => 204
  await pass(gateway, hour, 30 * second)
  for (const { id } of generations) {
    const told = receiver.messages.filter(({ body }) => body.data.generation_id === id)
    const expected = (await gateway.call('GET', `/generations/${id}/events`)).body
      .toString()
      .split('\n\n')
      .flatMap((frame: string) => /^id: (\d+)\nevent: (\S+)$/m.exec(frame)?.slice(1, 3).join(' ') ?? [])
      .filter((event: string) => everyEvent.includes(event.split(' ')[1] ?? ''))
    t.ok(expected.length >= 6)
    t.same(
      told.map(({ body }) => `${body.data.seq} ${body.type}`),
      expected,
      'every event of the log, once, in order',
    )
  }
  for (const message of receiver.messages) {
    const at = Number(message.headers['webhook-timestamp']) * second
    if (!isVerified(secret, message, at)) t.fail(`${message.id} is not signed as it should be`)
  }
  const repeated = receiver.messages.find(({ id }) => id === failed[0]?.id)
  t.equal(repeated?.text, failed[0]?.text, 'a repeated message is the same')
  t.not(repeated?.headers['webhook-timestamp'], failed[0]?.headers['webhook-timestamp'])
})

t.test('a receiver that never answers holds up neither others nor the gateway', async (t) => {
  const gateway = await startGateway(t, { live: true })
  const [dead, well] = [await startReceiver(t), await startReceiver(t)]
  await makeSecret(gateway)
  dead.respond = () => null
  const ask = (url: string) =>
    gateway.call('POST', '/generate', {
      ...scene,
      webhook_url: url,
      webhook_events: ['generation.queued'],
    })
  for (let count = 0; count < 12; count++) await ask(dead.url)
  await until(() => dead.open() === 4)
  const { body } = await ask(well.url)
  await until(() => well.messages.length === 1)
  t.equal(well.messages[0]?.body.data.generation_id, body.id)
  t.equal(dead.open(), 4, 'no more than four at a time to one destination')
})

t.test('ten receivers of one tenant that never answer do not delay the webhook of another', async (t) => {
  const gateway = await startGateway(t, { live: true })
  const well = await startReceiver(t)
  const tarpits = await Promise.all(Array.from({ length: 10 }, () => startReceiver(t)))
  for (const tarpit of tarpits) tarpit.respond = () => null
  const other = { authorization: `Bearer ${keys.other}` }
  await makeSecret(gateway)
  await makeSecret(gateway, {}, other)
  const ask = (url: string, headers = {}) =>
    gateway.call(
      'POST',
      '/generate',
      { ...scene, webhook_url: url, webhook_events: ['generation.queued'] },
      headers,
    )
  for (const tarpit of tarpits) for (let count = 0; count < 5; count++) await ask(tarpit.url)
  const open = (): number => tarpits.reduce((sum, tarpit) => sum + tarpit.open(), 0)
  await until(() => open() >= 16)
  const began = performance.now()
  const { body } = await ask(well.url, other)
  await until(() => well.messages.length === 1)
  t.equal(well.messages[0]?.body.data.generation_id, body.id)
  t.ok(performance.now() - began < 2000, 'it leaves at once')
  t.equal(open(), 16, 'and the first tenant has its share')
})

t.test('410 ends what is told of this generation, and of no other', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  await makeSecret(gateway)
  receiver.respond = ({ path }) => (path === '/gone' ? 410 : 204)
  const webhook_events = everyEvent
  const generation = await gateway.generate({ ...scene, webhook_url: `${receiver.url}/gone`, webhook_events })
  const other = await gateway.generate({ ...scene, webhook_url: `${receiver.url}/here`, webhook_events })
  await gateway.advance(hour)
  t.equal(receiver.messages.filter(({ path }) => path === '/gone').length, 1)
  const states = new Set((await log(gateway, generation.id)).map(({ state }) => state))
  t.same([...states], ['disabled'])
  t.same([...new Set((await log(gateway, other.id)).map(({ state }) => state))], ['delivered'])
})

t.test('a late video is told after the failure, and never before it', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  await makeSecret(gateway)
  const { control } = gateway.simulator
  control.setFaults('reseller', [{ kind: 'stuck' }])
  let open = false
  receiver.respond = () => (open ? 200 : 503)
  const generation = await gateway.generate({
    ...scene,
    webhook_url: receiver.url,
    routing: { upstreams: ['reseller'], deadline_seconds: 90 },
  })
  t.equal(generation.status, 'failed')
  const [render] = control.renders('reseller')
  control.finish(render?.id ?? '')
  await pass(gateway, 10 * 60 * second, 10 * second)
  open = true
  await pass(gateway, hour, 30 * second)
  t.same(
    firstOfEach(receiver.messages).map(({ body }) => [body.type, body.data.status]),
    [
      ['generation.failed', 'failed'],
      ['generation.late_video', 'failed'],
    ],
  )
})

t.test('during a rotation both secrets are signed with, and the old one ends', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  const old = await makeSecret(gateway)
  const fresh = await makeSecret(gateway, { keep_others_seconds: 600 })
  t.not(old, fresh)
  t.match((await gateway.call('GET', '/webhook-secrets')).body.data, [
    { expires_at: null },
    { expires_at: new Date(gateway.now() + 600 * second).toISOString() },
  ])
  const told = async (): Promise<Received | undefined> => {
    await gateway.generate({ ...scene, webhook_url: receiver.url })
    await gateway.advance(0)
    return receiver.messages.at(-1)
  }
  const during = await told()
  t.equal(during?.headers['webhook-signature']?.split(' ').length, 2)
  for (const secret of [old, fresh]) t.ok(during && isVerified(secret, during, gateway.now()))
  await gateway.advance(600 * second)
  const after = await told()
  t.notOk(after && isVerified(old, after, gateway.now()))
  t.ok(after && isVerified(fresh, after, gateway.now()))

  await gateway.restart()
  const later = await told()
  t.ok(later && isVerified(fresh, later, gateway.now()), 'a secret outlives a restart')
  const { data } = (await gateway.call('GET', '/webhook-secrets')).body
  t.equal((await gateway.call('DELETE', `/webhook-secrets/${data[0].id}`)).status, 204)
  t.match(await gateway.call('POST', '/generate', { ...scene, webhook_url: receiver.url }), {
    status: 400,
    body: { code: 'validation_failed', errors: [{ pointer: '/webhook_url' }] },
  })
})

t.test('secrets and a URL can be configured with the key', async (t) => {
  const receiver = await startReceiver(t)
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const next = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
  const gateway = await startGateway(t, {
    keys: { other: { webhook_url: `${receiver.url}/key`, webhook_secrets: [secret, next] } },
  })
  const headers = { authorization: `Bearer ${keys.other}` }
  await gateway.generate(scene, headers)
  await gateway.advance(0)
  const [message] = receiver.messages
  t.equal(message?.path, '/key')
  for (const each of [secret, next]) t.ok(message && isVerified(each, message, gateway.now()))
  await gateway.generate({ ...scene, webhook_url: `${receiver.url}/request` }, headers)
  await gateway.advance(0)
  t.equal(receiver.messages.at(-1)?.path, '/request', 'the request goes before the key')
  await gateway.generate({ ...scene, webhook_events: [] }, headers)
  await gateway.advance(0)
  t.equal(receiver.messages.length, 2, 'and may want nothing to be told')
})

t.test('a webhook that could never be called is refused when it is asked for', async (t) => {
  const gateway = await startGateway(t)
  const refused = async (body: object, path = '/generate') =>
    (await gateway.call('POST', path, { ...scene, ...body })).body
  for (const path of ['/generate', '/route']) {
    t.match(await refused({ webhook_url: 'http://10.0.0.1/hook' }, path), {
      status: 422,
      code: 'url_forbidden',
      errors: [{ pointer: '/webhook_url' }],
    })
    t.match(await refused({ webhook_url: 'https://hooks.example/' }, path), {
      status: 400,
      code: 'validation_failed',
      errors: [{ pointer: '/webhook_url', detail: /POST \/webhook-secrets/ }],
    })
  }
  const silent = await gateway.call('POST', '/generate', { ...scene, webhook_events: [] })
  t.equal(silent.status, 202, 'nothing to tell needs no place to tell it')
  t.match(await refused({ webhook_events: ['generation.failed'] }), {
    code: 'validation_failed',
    errors: [{ pointer: '/webhook_events' }],
  })
  await makeSecret(gateway)
  t.equal(
    (await gateway.call('POST', '/route', { ...scene, webhook_url: 'https://hooks.example/' })).status,
    200,
  )
})

t.test('what was delivered, or given up, is sent again by request with the same id', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  await makeSecret(gateway)
  receiver.respond = () => 500
  const generation = await gateway.generate({ ...scene, webhook_url: receiver.url })
  await pass(gateway, 25 * hour, 600 * second)
  const [given] = await log(gateway, generation.id)
  t.match(given, { state: 'failed', next_try_at: null })
  t.ok(given.tries.length > 25, `tried ${given.tries.length} times in a day`)
  const before = receiver.messages.length
  await pass(gateway, 5 * hour, 600 * second)
  t.equal(receiver.messages.length, before, 'then no more')

  receiver.respond = () => 200
  for (const expected of [1, 2]) {
    const again = await gateway.call('POST', `/deliveries/${given.id}/redeliver`)
    t.match(again, { status: 202, body: { id: given.id, state: 'pending' } })
    await gateway.advance(0)
    t.equal(receiver.messages.length, before + expected)
    t.equal(receiver.messages.at(-1)?.id, given.id)
    t.match(await log(gateway, generation.id), [{ state: 'delivered' }])
  }
})

t.test('another tenant sees and sends nothing of it', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  const secret = await makeSecret(gateway)
  const generation = await gateway.generate({ ...scene, webhook_url: receiver.url })
  await gateway.advance(0)
  const [delivery] = await log(gateway, generation.id)
  const [made] = (await gateway.call('GET', '/webhook-secrets')).body.data
  const headers = { authorization: `Bearer ${keys.other}` }
  const foreign = async (method: string, path: string) =>
    (await gateway.call(method, path, undefined, headers)).status
  t.equal(await foreign('GET', `/generations/${generation.id}/deliveries`), 404)
  t.equal(await foreign('POST', `/deliveries/${delivery.id}/redeliver`), 404)
  t.equal(await foreign('DELETE', `/webhook-secrets/${made.id}`), 404)
  t.same((await gateway.call('GET', '/webhook-secrets', undefined, headers)).body.data, [])
  t.not(await makeSecret(gateway, {}, headers), secret)
  await gateway.advance(0)
  t.equal(receiver.messages.length, 1)
})

t.test('deliveries go with their generation', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  await makeSecret(gateway)
  receiver.respond = () => 500
  const { id } = await gateway.generate({ ...scene, webhook_url: receiver.url })
  await gateway.advance(0)
  const before = receiver.messages.length
  t.equal((await gateway.call('DELETE', `/generations/${id}`)).status, 204)
  receiver.respond = () => 204
  await pass(gateway, hour, 60 * second)
  t.equal(receiver.messages.length, before)
})

t.test('with webhook_format openai the openai package unwraps what is told', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  const secret = await makeSecret(gateway)
  const client = new OpenAI({ apiKey: 'unused', webhookSecret: secret })
  const webhook_url = receiver.url
  const asked = {
    ...scene,
    webhook_url,
    webhook_format: 'openai',
    webhook_events: [...everyEvent, 'generation.failed'],
  }
  const done = await gateway.generate(asked)
  const refused = await gateway.generate({ ...asked, prompt: 'a forbidden harbour' })
  await gateway.advance(0)
  const events = []
  for (const { text, headers } of receiver.messages) {
    events.push(await client.webhooks.unwrap(text, headers, secret, gateway.now() / 1000))
  }
  t.match(events, [
    { object: 'event', type: 'video.completed', data: { id: done.id } },
    { object: 'event', type: 'video.failed', data: { id: refused.id } },
  ])
})
