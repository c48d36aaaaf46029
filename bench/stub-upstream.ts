import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const Create = z.object({ prompt: z.string() })

/** An upstream of either protocol that takes every create at once, notes when it came, and never finishes a job. */
export interface StubUpstream extends AsyncDisposable {
  baseUrl: string
  /** How many creates it has taken so far. */
  creates(): number
  /** When the headers of the create with this prompt were read: nanoseconds of the monotonic clock. */
  arrival(prompt: string, signal: AbortSignal): Promise<bigint>
}

/** `holds`: nothing is ever answered. */
export async function startStubUpstream({ holds }: { holds: boolean }): Promise<StubUpstream> {
  const waiting = new Map<string, (at: bigint) => void>()
  let jobs = 0

  async function answer(request: IncomingMessage, at: bigint): Promise<string> {
    const body = await text(request)
    if (request.method === 'POST') jobs += 1
    // The other protocol's creates are forms, and nobody waits for those.
    if (request.headers['content-type'] === 'application/json') {
      const { prompt } = Create.parse(JSON.parse(body))
      waiting.get(prompt)?.(at)
      waiting.delete(prompt)
    }
    return JSON.stringify({ task_id: `task-${jobs}`, id: `video_${jobs}`, object: 'video', status: 'queued' })
  }

  const server = createServer((request, response) => {
    const at = process.hrtime.bigint()
    if (holds) {
      request.resume()
      return
    }
    answer(request, at).then(
      (body) => response.setHeader('content-type', 'application/json').end(body),
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stub has no port')
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    creates: () => jobs,
    arrival: (prompt, signal) =>
      new Promise((resolve, reject) => {
        waiting.set(prompt, resolve)
        signal.addEventListener('abort', () => reject(new Error(`the create of ${prompt} did not arrive`)))
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
