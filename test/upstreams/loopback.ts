import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

export interface Loopback {
  port: number
  baseUrl: string
  /** Connections accepted so far. */
  connections: () => number
}

/** The part of a tap test that these helpers need. */
export interface Test {
  teardown(close: () => unknown): void
}

export async function listen(t: Test, server: Server, host = '127.0.0.1'): Promise<Loopback> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const port = portOf(server)
  return { port, baseUrl: `http://${host}:${port}/v1`, connections: () => connections }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}

/** A TCP server with the behaviour of `onConnection`. */
export function startTcp(t: Test, onConnection: (socket: Socket) => void): Promise<Loopback> {
  return listen(t, createServer(onConnection))
}

export interface SeenRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: Buffer
}

/** An HTTP server that reads and keeps each request, and responds with the result of `respond`. */
export async function startHttp(
  t: Test,
  respond: (request: SeenRequest, response: ServerResponse, socket: Socket) => void,
): Promise<Loopback & { seen: SeenRequest[] }> {
  const seen: SeenRequest[] = []
  const server = createHttpServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const entry = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(chunks),
      }
      seen.push(entry)
      respond(entry, response, request.socket)
    })
  })
  return { ...(await listen(t, server)), seen }
}

/** Calls `done` with everything that a socket sent, up to and including `ending`. */
export function readUntil(socket: Socket, ending: string, done: (text: string) => void): void {
  let text = ''
  const onData = (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (!text.includes(ending)) return
    socket.off('data', onData)
    done(text)
  }
  socket.on('data', onData)
}

/** A port without a listener. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

export function json(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(value))
}

/** A remote fetch that records its calls and returns a few bytes. */
export function fakeRemote(body: Uint8Array = Buffer.from('\0\0\0\x18ftypmp42')) {
  const asked: string[] = []
  return {
    asked,
    fetch(url: string) {
      asked.push(url)
      async function* bytes() {
        yield body
      }
      return Promise.resolve({
        type: 'body' as const,
        body: bytes(),
        bytes: body.length,
        contentType: 'video/mp4',
        answer: { status: 200, headers: { 'content-type': 'video/mp4' } },
      })
    },
  }
}

export const noLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
