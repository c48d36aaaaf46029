import { connect, createServer } from 'node:net'
import OpenAI from 'openai'
import t from 'tap'
import type { Test } from 'tap'
import { keys, official, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const minute = 60_000
const boat = { prompt: 'paper boat in rain', seconds: '4' } as const

/** A proxy in front of the gateway that resets the first `resets` connections once the gateway has answered. */
async function resettingProxy(t: Test, gateway: Gateway, resets: number): Promise<string> {
  let left = resets
  const port = Number(new URL(gateway.address).port)
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    client.pipe(upstream)
    upstream.on('data', (chunk) => {
      if (left > 0 && chunk.toString('latin1').startsWith('HTTP/1.1 2')) {
        left--
        client.resetAndDestroy()
      } else client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/v1`
}

const sdk = (baseURL: string, maxRetries = 2) => new OpenAI({ apiKey: keys.studio, baseURL, maxRetries })

async function listed(gateway: Gateway): Promise<any[]> {
  return (await gateway.call('GET', '/generations')).body.data
}

/** A create as the SDK sends it the `retry`th time. */
async function send(gateway: Gateway, retry: number, body: object = boat, key = keys.studio) {
  const headers = { 'x-stainless-retry-count': String(retry), authorization: `Bearer ${key}` }
  const answer = await gateway.call('POST', '/v1/videos', body, headers)
  return { status: answer.status, id: String(answer.body.id), warnings: answer.body.understudy?.warnings }
}

for (const resets of [1, 2]) {
  t.test(`the openai package behind a proxy that loses ${resets} answers pays for one video`, async (t) => {
    const gateway = await startGateway(t, { upstreams: [official] })
    const client = sdk(await resettingProxy(t, gateway, resets))
    const video = await client.videos.create(boat)
    await gateway.finished(video.id)
    const generations = await listed(gateway)
    t.equal(generations.length, 1)
    t.match(generations[0], { id: video.id, warnings: [{ code: 'replayed_for_retry' }] })
    t.equal((await gateway.call('GET', '/usage')).body.totals.cost_usd, 0.4)
  })
}

t.test('two requests that say the same are two videos', async (t) => {
  const gateway = await startGateway(t)
  const client = sdk(`${gateway.address}/v1`)
  const [a, b] = [await client.videos.create(boat), await client.videos.create(boat)]
  t.not(a.id, b.id)
})

t.test('two equal requests whose answers were both lost find one video each', async (t) => {
  const gateway = await startGateway(t)
  const made = [await send(gateway, 0), await send(gateway, 0)].map(({ id }) => id)
  const found = [await send(gateway, 1), await send(gateway, 1)].map(({ id }) => id)
  t.strictSame(found.toSorted(), made.toSorted())
  t.notOk(made.includes((await send(gateway, 1)).id), 'a third one is a request of its own')
  t.equal((await listed(gateway)).length, 3)
})

t.test(
  'a retry is the same request only for the same key, path and content, within ten minutes',
  async (t) => {
    const gateway = await startGateway(t)
    const { id } = await send(gateway, 0)
    t.not((await send(gateway, 1, boat, keys.other)).id, id, 'another key')
    t.not((await send(gateway, 1, { ...boat, seconds: '8' })).id, id, 'another content')
    const again = await send(gateway, 1)
    t.equal(again.id, id)
    t.match(again.warnings, [/repeated this request/])
    await gateway.advance(9 * minute)
    t.equal((await send(gateway, 2)).id, id, 'nine minutes later')
    await gateway.advance(2 * minute)
    t.not((await send(gateway, 3)).id, id, 'eleven minutes later')
  },
)

t.test('a retry that overtakes its first sending waits for it', async (t) => {
  const gateway = await startGateway(t)
  const [first, retry] = await Promise.all([send(gateway, 0), send(gateway, 1)])
  t.equal(retry.id, first.id)
})

t.test('the retry of a request that was refused is a request', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { max_in_flight: 1 } } })
  const busy = await send(gateway, 0, { ...boat, prompt: 'another' }, keys.other)
  t.equal((await send(gateway, 0, boat, keys.other)).status, 429)
  await gateway.finished(busy.id, { authorization: `Bearer ${keys.other}` })
  t.equal((await send(gateway, 1, boat, keys.other)).status, 200)
})
