import { createServer, request } from 'node:http'
import { once } from 'node:events'

export interface CuttingProxy {
  address: string
  /** `METHOD path?query` of each request that came since the last call. */
  seen(): string[]
  /**
   * Cuts the connection of requests that match, in the middle of their body or of its answer, and at once of those that go on with
   * a range; null: of none.
   */
  cut(which: RegExp | null): void
  stop(): void
}

/** Passes requests on to a server as they are, and breaks those that are asked for. */
export async function startCuttingProxy(endpoint: string): Promise<CuttingProxy> {
  let which: RegExp | null = null
  let seen: string[] = []
  const server = createServer((asked, answer) => {
    const name = `${asked.method} ${asked.url}`
    seen.push(name)
    const isCut = which?.test(name) === true
    if (isCut && asked.headers.range !== undefined) return void answer.destroy()
    const onward = request(`${endpoint}${asked.url}`, { method: asked.method, headers: asked.headers })
    onward.on('error', () => answer.destroy())
    if (isCut && asked.method === 'PUT') asked.once('data', () => setImmediate(() => asked.destroy()))
    asked.on('close', () => {
      if (!asked.complete) onward.destroy()
    })
    asked.pipe(onward)
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers)
      if (isCut) response.once('data', () => setImmediate(() => answer.destroy()))
      response.on('error', () => answer.destroy())
      response.pipe(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const found = server.address()
  if (found === null || typeof found === 'string') throw new Error('The proxy has no port.')
  return {
    address: `http://127.0.0.1:${found.port}`,
    seen() {
      const before = seen
      seen = []
      return before
    },
    cut(next) {
      which = next
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
