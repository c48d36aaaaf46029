import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { Webhook } from 'standardwebhooks'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { client, heldClock, official, read, stage } from './stage.ts'

/** Vendor webhooks, as docs/vendors/openai-videos.md#webhooks describes them. */

const secret = `whsec_${Buffer.from('a secret of some length').toString('base64')}`
const boat = { prompt: 'a boat' }

interface Received {
  headers: Record<string, string>
  body: string
}

/** Somebody who receives webhooks and answers these statuses in turn, then 204. */
async function receiver(t: { teardown(end: () => void): void }, statuses: number[] = []) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
      received.push({ headers: Object.fromEntries(headers), body: Buffer.concat(chunks).toString() })
      response.writeHead(statuses.shift() ?? 204).end()
      server.emit('received')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const until = async (count: number) => {
    while (received.length < count) await once(server, 'received')
    return received
  }
  return { url: `http://127.0.0.1:${port}/hooks`, received, until }
}

async function start(t: Parameters<typeof stage>[0], url: string) {
  const upstream = official({ webhook: { url, secret } })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const create = async (): Promise<string> => (await ask('POST', '/videos', boat)).json.id
  return { simulator, create }
}

/** Waits until the vendor has recorded so many attempts. */
async function attempts(simulator: Simulator, count: number) {
  for (;;) {
    const records = simulator.control.webhooks()
    if (records.reduce((sum, record) => sum + record.attempts, 0) >= count) return records
    await new Promise((resolve) => setImmediate(resolve))
  }
}

t.test('an ended job is reported with its id alone, and a signature that verifies', async (t) => {
  const to = await receiver(t)
  const { simulator, create } = await start(t, to.url)
  const [done, failed] = [await create(), await create()]
  simulator.control.finish(done)
  await to.until(1)
  simulator.control.failJob(failed, 'processing_error')
  const hooks = await to.until(2)
  const events = hooks.map(({ body, headers }) => new Webhook(secret).verify(body, headers))
  t.match(events, [
    { object: 'event', type: 'video.completed', data: { id: done } },
    { object: 'event', type: 'video.failed', data: { id: failed } },
  ])
  t.equal(hooks[0]?.headers['webhook-id'], JSON.parse(hooks[0]?.body ?? '').id)
  t.match(await attempts(simulator, 2), [
    { upstream: 'official', jobId: done, type: 'video.completed', attempts: 1 },
    { jobId: failed, type: 'video.failed', attempts: 1 },
  ])
})

t.test('a render by time is reported when its time is over, with nobody asking', async (t) => {
  const to = await receiver(t)
  const upstream = official({ webhook: { url: to.url, secret }, render: { milliseconds: 50 } })
  const simulator = await stage(t, [upstream])
  const { id } = (await client(simulator, upstream)('POST', '/videos', boat)).json
  const [hook] = await to.until(1)
  t.equal(JSON.parse(hook?.body ?? '').data.id, id)
})

t.test('a refused delivery is repeated under the same id', async (t) => {
  const to = await receiver(t, [500, 302])
  const { simulator, create } = await start(t, to.url)
  simulator.control.finish(await create())
  const hooks = await to.until(3)
  t.equal(new Set(hooks.map(({ headers }) => headers['webhook-id'])).size, 1)
})

t.test('webhooks get lost, come twice, late, forged and stale', async (t) => {
  const to = await receiver(t)
  const { simulator, create } = await start(t, to.url)
  const end = async (style: 'missing' | 'twice' | 'late' | 'forged' | 'stale') => {
    simulator.control.setFaults('official', [{ kind: 'odd_webhook', style, delayMs: 20, times: 1 }])
    to.received.length = 0
    simulator.control.finish(await create())
  }
  await end('twice')
  const [first, second] = await to.until(2)
  t.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
  await end('late')
  t.equal((await to.until(1)).length, 1)
  for (const style of ['forged', 'stale'] as const) {
    await end(style)
    const [hook] = await to.until(1)
    t.throws(() => new Webhook(secret).verify(hook?.body ?? '', hook?.headers ?? {}), style)
  }
  await end('missing')
  t.match(simulator.control.webhooks().at(-1), { attempts: 0, status: null })
  t.equal(to.received.length, 0)
})

t.test('where they go is set, by control or over HTTP, while the vendor runs', async (t) => {
  const to = await receiver(t)
  const upstream = official()
  const simulator = await stage(t, [upstream], heldClock(Date.now()))
  const ask = client(simulator, upstream)
  const make = async () => simulator.control.finish((await ask('POST', '/videos', boat)).json.id)
  await make()
  t.same(simulator.control.webhooks(), [])
  const path = `${simulator.origin}/control/upstreams/official/webhook`
  const headers = { 'content-type': 'application/json' }
  const put = (body: object) => fetch(path, { method: 'PUT', headers, body: JSON.stringify(body) })
  t.equal((await put({ url: to.url, secret })).status, 204)
  await make()
  await to.until(1)
  const listed = await read(await fetch(`${simulator.origin}/control/webhooks`))
  t.match(listed.json, { webhooks: [{ upstream: 'official', type: 'video.completed' }] })
  t.equal((await put({ url: to.url, secret: 'plain' })).status, 400)
  t.throws(() => simulator.control.setWebhook('official', { url: 'nowhere', secret }), {
    code: 'webhook_invalid',
  })
  t.equal((await fetch(path, { method: 'DELETE' })).status, 204)
  await make()
  t.equal(simulator.control.webhooks().length, 1)
})
