import { once } from 'node:events'
import { createServer } from 'node:http'

/** An upstream of the protocol `sora-tasks` whose jobs do not end before they are told to. */
export interface Vendor extends AsyncDisposable {
  baseUrl: string
  /** When each job was asked about first (ms since the epoch) since the last call of `forget`. */
  firstPolls: ReadonlyMap<string, number>
  /** All polls since then. */
  polls(): number
  forget(): void
  /** From now on, each job that is asked about has failed. */
  failAll(): void
}

export async function startVendor(): Promise<Vendor> {
  const firstPolls = new Map<string, number>()
  let polls = 0
  let jobs = 0
  let haveFailed = false
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') {
      const job = (request.url ?? '').replace(/^.*\//, '')
      polls++
      if (!firstPolls.has(job)) firstPolls.set(job, Date.now())
      const answer = haveFailed
        ? { status: 'failed', error: 'no capacity' }
        : { status: 'processing', progress: 40 }
      response.end(JSON.stringify({ task_id: job, ...answer }))
      return
    }
    jobs++
    request.resume()
    request.once('end', () =>
      response.end(JSON.stringify({ task_id: `new-${jobs}`, status: 'queued', progress: 0 })),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the vendor has no port')
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    firstPolls,
    polls: () => polls,
    forget() {
      firstPolls.clear()
      polls = 0
    },
    failAll() {
      haveFailed = true
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
