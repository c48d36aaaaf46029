import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import t from 'tap'
import { z } from 'zod'
import { keys, startGateway } from '../e2e/gateway.ts'
import { skipWithout } from '../observe/programs.ts'
import { addressOf, proxies, startProxy } from './proxies.ts'

const asStudio = { authorization: `Bearer ${keys.studio}` }
const json = { 'content-type': 'application/json' }

/** A call from another address of this machine than the proxy has. */
async function callFrom(localAddress: string, url: string, headers: Record<string, string>, body: string) {
  const call = request(url, { method: 'POST', localAddress, headers })
  call.end(body)
  const [answer] = await once(call, 'response')
  answer.resume()
  return answer.statusCode
}

for (const proxy of proxies) {
  t.test(`behind ${proxy} with the file of the repository`, { skip: skipWithout(proxy) }, async (t) => {
    const gateway = await startGateway(t, { server: { trust_proxy: ['127.0.0.1'] } })
    const address = await startProxy(t, proxy, new URL(gateway.address).host)

    await t.test('an event arrives when it happens, and not when the stream ends', async (t) => {
      const body = JSON.stringify({ prompt: 'a mill by a river', duration: 5 })
      const made = await fetch(`${address}/generate`, {
        method: 'POST',
        headers: { ...asStudio, ...json },
        body,
      })
      t.equal(made.status, 202)
      const { id } = z.object({ id: z.string() }).parse(await made.json())
      const stream = await fetch(`${address}/generations/${id}/events`, {
        headers: asStudio,
        // The clock of the gateway stands still, so the stream does not end by itself.
        signal: AbortSignal.timeout(15_000),
      })
      const reader = stream.body?.getReader()
      let text = ''
      while (!text.includes('event: generation.queued'))
        text += new TextDecoder().decode((await reader?.read())?.value)
      await gateway.advance(1000)
      while (!text.includes('event: attempt.started'))
        text += new TextDecoder().decode((await reader?.read())?.value)
      await reader?.cancel()
      t.match(stream.headers.get('content-type'), 'text/event-stream')
    })

    await t.test('a large upload reaches the gateway, and its answer the caller', async (t) => {
      const form = new FormData()
      form.set('prompt', 'a mill by a river')
      form.set('reference', new Blob([Buffer.alloc(20_000_000, 'not a picture ')]), 'mill.png')
      const answer = await fetch(`${address}/generate`, { method: 'POST', headers: asStudio, body: form })
      t.equal(answer.status, 422)
      t.match(answer.headers.get('content-type'), 'application/problem+json')
      t.match(await answer.json(), { code: /./, request_id: /./ })
    })

    await t.test(
      'the audit log has the address of the caller, and not one that the caller made up',
      async (t) => {
        const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
        const headers = { ...admin, ...json, 'x-forwarded-for': '192.0.2.7' }
        t.equal(await callFrom('127.0.0.2', `${address}/keys`, headers, '{"name":"new"}'), 201)
        const { body } = await gateway.call('GET', '/audit?action=key.created', undefined, admin)
        t.equal(body.data[0].address, '127.0.0.2')
      },
    )

    await t.test('metrics are not shown to the outside', async (t) => {
      const answer = await fetch(`${address}/metrics`, { headers: asStudio })
      t.equal(answer.status, 404)
      t.equal(answer.headers.get('x-request-id'), null, 'the gateway was not asked')
    })
  })

  t.test(`${proxy} never sends a create a second time`, { skip: skipWithout(proxy) }, async (t) => {
    let creates = 0
    const closes = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        creates += 1
        socket.destroy()
      })
    })
    closes.listen(0, '127.0.0.1')
    await once(closes, 'listening')
    t.teardown(() => closes.close())
    const address = await startProxy(t, proxy, `127.0.0.1:${addressOf(closes.address()).port}`)
    for (let number = 1; number <= 3; number += 1) {
      const answer = await fetch(`${address}/generate`, {
        method: 'POST',
        headers: json,
        body: '{"prompt":"a"}',
      })
      t.equal(answer.status, 502)
      t.equal(creates, number)
    }
  })
}
