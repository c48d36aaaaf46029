import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { z } from 'zod'

const Told = z.object({ type: z.string(), data: z.object({ generation_id: z.string() }) })
export type Told = z.infer<typeof Told>

/** Where webhooks go. `told` hears of each message. */
export async function startReceiver(
  told: (message: Told) => void,
): Promise<AsyncDisposable & { url: string }> {
  async function take(request: IncomingMessage): Promise<void> {
    told(Told.parse(await json(request)))
  }
  const server = createServer((request, response) => {
    take(request).then(
      () => response.writeHead(204).end(),
      () => response.writeHead(400).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const listening = server.address()
  if (listening === null || typeof listening === 'string') throw new Error('the receiver has no port')
  return {
    url: `http://127.0.0.1:${listening.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
