import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'

/** Before a gateway: it can lose the answers to creates, after the gateway has given them. */
export async function startLossyProxy(
  t: Test,
  address: string,
): Promise<{ url: string; lose(isLossy: boolean): void }> {
  let isLossy = false
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request
    const body = await buffer(request)
    const passed = new Headers()
    for (const name of ['authorization', 'content-type', 'idempotency-key']) {
      const value = headers[name]
      if (typeof value === 'string') passed.set(name, value)
    }
    const own = await fetch(`${address}${url}`, {
      method,
      headers: passed,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    const bytes = Buffer.from(await own.arrayBuffer())
    if (isLossy && method === 'POST') response.destroy()
    else response.writeHead(own.status, { 'content-type': own.headers.get('content-type') ?? '' }).end(bytes)
  }
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const listening = server.address()
  if (listening === null || typeof listening === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${listening.port}`,
    lose(isLossyNow) {
      isLossy = isLossyNow
    },
  }
}
