import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { Test } from 'tap'
import { Webhook } from 'standardwebhooks'
import { receivedText } from '../fixtures/received-text.ts'

export interface Received {
  path: string
  id: string
  headers: Record<string, string>
  text: string
  body: { type: string; timestamp: string; data: { generation_id: string; status: string; seq: number } }
}

/** How a test's receiver responds to a message: with a status, or null for no response. */
export type Respond = (
  message: Received,
) => number | null | { status: number; headers: Record<string, string> }

export interface Receiver {
  url: string
  port: number
  /** Every received message, in order, whatever the response. */
  messages: Received[]
  respond: Respond
  /** The number of open requests. */
  open(): number
}

/** A webhook receiver on loopback. Accepts everything by default. */
export async function startReceiver(t: Test): Promise<Receiver> {
  let open = 0
  const server = createServer((request, response) => void receive(request, response))
  const receiver: Receiver = { url: '', port: 0, messages: [], respond: () => 204, open: () => open }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    open += 1
    response.on('close', () => (open -= 1))
    const text = await receivedText(request)
    if (text === null) return
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const message = {
      path: request.url ?? '',
      id: headers['webhook-id'] ?? '',
      headers,
      text,
      body: JSON.parse(text),
    }
    receiver.messages.push(message)
    const answer = receiver.respond(message)
    if (answer === null) return
    if (typeof answer === 'number') response.writeHead(answer).end()
    else response.writeHead(answer.status, answer.headers).end()
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  receiver.port = typeof address === 'object' && address !== null ? address.port : 0
  receiver.url = `http://127.0.0.1:${receiver.port}`
  return receiver
}

/**
 * Whether the public library verifies a message with this secret. It uses the system clock, which is set to the time of
 * the message first, because tests have their own clock.
 */
export function isVerified(secret: string, { headers, text }: Received, at: number): boolean {
  const seconds = Number(headers['webhook-timestamp'])
  if (Math.abs(seconds - at / 1000) > 5) throw new Error('the message says that it left at another time')
  const now = Date.now
  try {
    Date.now = () => seconds * 1000
    new Webhook(secret).verify(text, headers)
    return true
  } catch {
    return false
  } finally {
    Date.now = now
  }
}
