import t from 'tap'
import { Webhook } from 'standardwebhooks'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { keys, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const secret = `whsec_${Buffer.from('a secret that only the vendor knows').toString('base64')}`
const settings = { reseller: { webhook_secret: secret } }
const operator = { authorization: `Bearer ${keys.other}` }
const keySettings = { other: { scopes: ['operate', 'admin'] } }
const order = { prompt: 'a lighthouse', duration: 10 }
// It keeps no list of its jobs, and its job never ends by itself: a test ends it.
const upstreams = [{ ...reverse, render: { milliseconds: 1e9 } }]
const lost: FaultInput = { kind: 'reset', accepted: true, on: ['create'], times: 1 }

async function start(test: Parameters<typeof startGateway>[0]): Promise<Gateway> {
  return await startGateway(test, { upstreams, settings, keys: keySettings })
}

async function tell(gateway: Gateway, message: object): Promise<void> {
  const body = JSON.stringify(message)
  const id = `msg_${body.length}_${gateway.now()}`
  const at = new Date(gateway.now())
  const { status } = await fetch(`${gateway.address}/webhooks/reseller`, {
    method: 'POST',
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
  })
  if (status !== 204) throw new Error(`answered ${status}`)
  await gateway.advance(0)
}

async function unknown(gateway: Gateway): Promise<{ id: string; attempt: string; job: string }> {
  gateway.simulator.control.setFaults('reseller', [lost])
  const { body } = await gateway.call('POST', '/generate', order)
  await gateway.advance(0)
  const [attempt] = await attemptsOf(gateway, body.id)
  const job = gateway.simulator.control.renders('reseller').at(-1)?.id ?? ''
  return { id: body.id, attempt: attempt.id, job }
}

async function attemptsOf(gateway: Gateway, id: string): Promise<any> {
  return (await gateway.call('GET', `/generations/${id}`)).body.attempts
}

t.test('the job of a lost create that a webhook names is shown, and a person takes it', async (t) => {
  const gateway = await start(t)
  const { id, attempt, job } = await unknown(gateway)
  t.match(await attemptsOf(gateway, id), [{ state: 'unknown', candidate_upstream_id: null }])
  await tell(gateway, { id: 'evt_1', type: 'video.completed', data: { user_id: 'u_1', id: job } })
  t.match(await attemptsOf(gateway, id), [
    { state: 'unknown', upstream_id: null, candidate_upstream_id: job },
  ])
  for (let second = 0; second < 30; second++) await gateway.advance(1000)
  t.match(
    await attemptsOf(gateway, id),
    [{ candidate_upstream_id: job }],
    'what cannot list does not take it back',
  )
  await gateway.restart()
  t.match(await attemptsOf(gateway, id), [{ candidate_upstream_id: job }])

  gateway.simulator.control.finish(job)
  const said = { verdict: 'taken', upstream_id: job, note: 'the webhook names it' }
  const resolved = await gateway.call('POST', `/attempts/${attempt}/resolve`, said, {
    ...operator,
    'idempotency-key': 'k-1',
  })
  t.equal(resolved.status, 200, JSON.stringify(resolved.body))
  t.match(await gateway.finished(id), {
    status: 'completed',
    attempts: [{ state: 'succeeded', upstream_id: job, candidate_upstream_id: null }],
  })
  t.equal(gateway.simulator.control.renders('reseller').length, 1)
})

const messages: [string, (job: string) => object][] = [
  ['its data', (id) => ({ id: 'evt_1', account_id: 'a', data: { id } })],
  ['the task in its data', (task_id) => ({ id: 'evt_1', data: { request_id: 'r', user_id: 'u', task_id } })],
  ['camel case', (taskId) => ({ code: 200, data: { userId: 'u', taskId } })],
  ['itself', (id) => ({ account_id: 'a', id, status: 'completed' })],
  ['beside the id of the event', (video_id) => ({ id: 'evt_1', user_id: 'u', video_id })],
]
t.test('the job is the likeliest id of a message, however that is written', async (t) => {
  const gateway = await start(t)
  const { id, job } = await unknown(gateway)
  for (const [index, [what, message]] of messages.entries()) {
    await tell(gateway, message(`${job}-${index}`))
    t.match(await attemptsOf(gateway, id), [{ candidate_upstream_id: `${job}-${index}` }], what)
  }
})

t.test('a job that has an owner is no candidate of another attempt', async (t) => {
  const gateway = await start(t)
  const { body } = await gateway.call('POST', '/generate', order)
  await gateway.advance(0)
  const [owner] = await attemptsOf(gateway, body.id)
  const { id } = await unknown(gateway)
  await tell(gateway, { data: { id: owner.upstream_id } })
  t.match(await attemptsOf(gateway, id), [{ state: 'unknown', candidate_upstream_id: null }])
})

t.test(
  'while a restored gateway is held, such jobs are shown as unowned, also after a restart',
  async (t) => {
    const gateway = await start(t)
    await gateway.restart(0, undefined, true)
    const unowned = async () => {
      const { body } = await gateway.call('GET', '/operations/restore', undefined, operator)
      return body.upstreams[0]
    }
    await tell(gateway, { data: { id: 'task_made_since' } })
    await tell(gateway, { data: { id: 'task_made_since', more: 1 } })
    const job = { upstream_id: 'task_made_since', model: null, prompt: null, created_at: null }
    t.same((await unowned()).unowned_jobs, [job])
    await gateway.restart()
    for (let second = 0; second < 3; second++) await gateway.advance(1000)
    t.match(await unowned(), { state: 'no_list', unowned_jobs: [job] })
  },
)
