import t from 'tap'
import { Webhook } from 'standardwebhooks'
import { official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const secret = `whsec_${Buffer.from('a secret that only the vendor knows').toString('base64')}`
const minutes = 60_000
const settings = {
  official: {
    webhook_secret: secret,
    poll: { first_after_seconds: 240, every_seconds: 240 },
    timeouts: { connect_seconds: 1, create_seconds: 1, stall_seconds: 900, attempt_seconds: 900 },
  },
}
// Jobs never end on their own.
const upstreams = [reverse, { ...official, render: { milliseconds: 1e9 } }]
const onOfficial = { prompt: 'a lighthouse', duration: 8, routing: { upstreams: ['official'] } }

interface Message {
  /** The job it is about. */
  job: string
  id?: string
  at?: number
  secret?: string
  body?: string
  upstream?: string
}

/** A vendor's webhook, signed by the public library. */
function send(gateway: Gateway, message: Message): Promise<{ status: number; body: any; headers: Headers }> {
  const { job, id = `msg_${job}`, at = gateway.now(), upstream = 'official' } = message
  const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'video.completed', data: { id: job } })
  return post(gateway, upstream, message.body ?? body, {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(message.secret ?? secret).sign(id, new Date(at), body),
  })
}

async function post(
  gateway: Gateway,
  upstream: string,
  body: string | Buffer,
  headers: Record<string, string>,
) {
  const response = await fetch(`${gateway.address}/webhooks/${upstream}`, { method: 'POST', headers, body })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
  }
}

/** A generation whose job has just finished at the vendor, and whose next poll is minutes away. */
async function finishedUnseen(gateway: Gateway): Promise<{ id: string; job: string }> {
  const { body } = await gateway.call('POST', '/generate', onOfficial)
  await gateway.advance(1000)
  const job = (await see(gateway, body.id)).attempts[0].upstream_id
  gateway.simulator.control.finish(job)
  return { id: body.id, job }
}

async function see(gateway: Gateway, id: string): Promise<any> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

function polls(gateway: Gateway): number {
  return gateway.simulator.control.requests()['official']?.poll ?? 0
}

t.test('a vendor’s webhook completes a generation whose next poll is minutes away', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  const { id, job } = await finishedUnseen(gateway)
  await gateway.advance(2 * minutes)
  t.match(await see(gateway, id), { status: 'in_progress' }, 'nobody has asked yet')
  t.equal(polls(gateway), 0)

  t.match(await send(gateway, { job }), { status: 204, body: null })
  await gateway.advance(0)
  t.match(await see(gateway, id), { status: 'completed', attempts: [{ state: 'succeeded' }] })
  t.equal(polls(gateway), 1, 'the vendor was asked: what the message says was not believed')
})

t.test('a message that says completed ends nothing while the vendor, asked, says running', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  const { body } = await gateway.call('POST', '/generate', onOfficial)
  await gateway.advance(1000)
  const job = (await see(gateway, body.id)).attempts[0].upstream_id
  t.equal((await send(gateway, { job })).status, 204)
  await gateway.advance(0)
  t.equal(polls(gateway), 1)
  t.match(await see(gateway, body.id), { status: 'in_progress', attempts: [{ state: 'running' }] })
  gateway.simulator.control.finish(job)
  t.match(await gateway.finished(body.id), { status: 'completed' }, 'polling goes on')
})

t.test('a forged, altered, old or unsigned message is refused and changes nothing', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  const { id, job } = await finishedUnseen(gateway)
  const forged = `whsec_${Buffer.from('another secret altogether').toString('base64')}`
  const refused = {
    forged: await send(gateway, { job, secret: forged }),
    altered: await send(gateway, { job, body: JSON.stringify({ data: { id: job, more: 1 } }) }),
    old: await send(gateway, { job, at: gateway.now() - 301_000 }),
    'from the future': await send(gateway, { job, at: gateway.now() + 301_000 }),
    unsigned: await post(gateway, 'official', JSON.stringify({ data: { id: job } }), {}),
    'badly signed': await post(gateway, 'official', '{}', {
      'webhook-id': 'msg_1',
      'webhook-timestamp': 'now',
      'webhook-signature': 'v1,',
    }),
  }
  for (const [what, answer] of Object.entries(refused)) {
    t.match(answer, { status: 401, body: { code: 'unauthorized' } }, what)
    t.match(answer.headers.get('www-authenticate'), /^StandardWebhooks/)
    t.same(answer.body.errors[0].pointer, '#/headers/webhook-signature')
  }
  await gateway.advance(0)
  t.equal(polls(gateway), 0)
  t.match(await see(gateway, id), { status: 'in_progress' })
})

t.test('one good signature among several is enough', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  const { id, job } = await finishedUnseen(gateway)
  const body = JSON.stringify({ data: { id: job } })
  const at = new Date(gateway.now())
  const signatures = ['v1a,x', 'v1,bm9uZQ==', new Webhook(secret).sign('msg_1', at, body)]
  const answer = await post(gateway, 'official', body, {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(gateway.now() / 1000)),
    'webhook-signature': signatures.join(' '),
    'content-type': 'text/plain',
  })
  t.equal(answer.status, 204)
  await gateway.advance(0)
  t.match(await see(gateway, id), { status: 'completed' })
})

t.test('repeated messages are harmless', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  const { body } = await gateway.call('POST', '/generate', onOfficial)
  await gateway.advance(1000)
  const job = (await see(gateway, body.id)).attempts[0].upstream_id
  for (let count = 0; count < 5; count++) {
    t.equal((await send(gateway, { job })).status, 204)
    await gateway.advance(0)
  }
  t.equal(polls(gateway), 1, 'one message, one look')
  gateway.simulator.control.finish(job)
  t.equal((await send(gateway, { job, id: 'msg_other' })).status, 204)
  await gateway.advance(0)
  t.match(await see(gateway, body.id), { status: 'completed' })
  const before = await see(gateway, body.id)
  t.equal((await send(gateway, { job, id: 'msg_late' })).status, 204)
  await gateway.advance(0)
  t.same(await see(gateway, body.id), before, 'nor do they change what has ended')
})

t.test('many messages do not make a job lost that the vendor forgets for a moment', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  const { body } = await gateway.call('POST', '/generate', onOfficial)
  await gateway.advance(1000)
  const job = (await see(gateway, body.id)).attempts[0].upstream_id
  gateway.simulator.control.setFaults('official', [{ kind: 'vanished' }])
  for (let count = 0; count < 10; count++) {
    await send(gateway, { job, id: `msg_${count}` })
    await gateway.advance(0)
  }
  t.equal(polls(gateway), 1, 'the next look is the one on schedule')
  t.match(await see(gateway, body.id), { status: 'in_progress', attempts: [{ state: 'running' }] })
  gateway.simulator.control.clearFaults('official')
  gateway.simulator.control.finish(job)
  t.match(await gateway.finished(body.id), { status: 'completed' })
})

t.test(
  'a create whose answer was lost is found by listing as soon as the vendor speaks of a job',
  async (t) => {
    const gateway = await startGateway(t, { upstreams, settings })
    const { control } = gateway.simulator
    control.setFaults('official', [
      { kind: 'reset', accepted: true, on: ['create'], times: 1 },
      { kind: 'down', on: ['list'] },
    ])
    const { body } = await gateway.call('POST', '/generate', onOfficial)
    await gateway.advance(0)
    for (let second = 0; second < 120; second++) await gateway.advance(1000)
    control.clearFaults('official')
    const [render] = control.renders('official')
    control.finish(render?.id ?? '')
    await gateway.advance(0)
    t.match(await see(gateway, body.id), { status: 'in_progress', attempts: [{ state: 'unknown' }] })

    t.equal((await send(gateway, { job: render?.id ?? '' })).status, 204)
    await gateway.advance(0)
    t.match(await see(gateway, body.id), {
      status: 'completed',
      attempts: [{ state: 'succeeded', upstream_id: render?.id }],
    })
    t.equal(control.renders('official').length, 1)
  },
)

t.test('a message about nothing of ours, or that cannot be read, is taken and changes nothing', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  const { id } = await finishedUnseen(gateway)
  t.equal((await send(gateway, { job: 'video_of_somebody_else' })).status, 204)
  for (const body of ['', 'hello', '[]', 'null', '{"data":[1]}', '{"data":{"id":7}}']) {
    const at = new Date(gateway.now())
    const answer = await post(gateway, 'official', body, {
      'webhook-id': `msg_${body}`.replaceAll('"', ''),
      'webhook-timestamp': String(Math.floor(gateway.now() / 1000)),
      'webhook-signature': new Webhook(secret).sign(`msg_${body}`.replaceAll('"', ''), at, body),
    })
    t.equal(answer.status, 204, body)
  }
  await gateway.advance(0)
  t.equal(polls(gateway), 0)
  t.match(await see(gateway, id), { status: 'in_progress' })
})

t.test('there is nothing at an upstream without a secret, or at none, and bodies are small', async (t) => {
  const gateway = await startGateway(t, { upstreams, settings })
  t.match(await send(gateway, { job: 'video_1', upstream: 'reseller' }), {
    status: 404,
    body: { code: 'not_found' },
  })
  t.match(await send(gateway, { job: 'video_1', upstream: 'nobody' }), { status: 404 })
  const large = await post(gateway, 'official', Buffer.alloc(65 * 1024, 0x20), {})
  t.match(large, { status: 413, body: { code: 'payload_too_large' } })
})
