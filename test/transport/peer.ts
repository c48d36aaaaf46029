import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Test } from 'tap'
import {
  createRemoteMedia,
  type GuardedFetchOptions,
} from '../../src/gateway/upstreams/transport/guard/remote-media.ts'
import { bytesOf } from '../contract/media-archive-builders.ts'

type Respond = (path: string, socket: Socket) => void

export const never = new AbortController().signal

/** A listener on loopback that speaks raw HTTP and counts its connections. */
export async function aPeer(t: Test, respond: Respond = (_, socket) => answer(socket, 'hello')) {
  const sockets: Socket[] = []
  const requests: string[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', (head) => {
      requests.push(head.toString())
      respond(head.toString().split(' ')[1] ?? '', socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, requests, sockets, url: `http://127.0.0.1:${port}` }
}

export function answer(
  socket: Socket,
  body: string | Buffer,
  head = 'HTTP/1.1 200 OK\r\ncontent-type: video/mp4',
): void {
  socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`)
  socket.end(body)
}

export function redirect(socket: Socket, location: string, status = 302): void {
  answer(socket, 'moved', `HTTP/1.1 ${status} Moved\r\nlocation: ${location}`)
}

export function remote(t: Test, over: Partial<GuardedFetchOptions> = {}) {
  const made = createRemoteMedia({
    allowPrivateHosts: ['127.0.0.1'],
    maxRedirects: 5,
    connectMs: 2000,
    headersMs: 2000,
    bodyIdleMs: 2000,
    ...over,
  })
  t.teardown(() => made.close())
  return made
}

export async function text(fetching: ReturnType<ReturnType<typeof remote>['fetch']>): Promise<string> {
  const fetched = await fetching
  return fetched.type === 'body' ? (await bytesOf(fetched.body)).toString() : fetched.message
}

export async function body(
  fetching: ReturnType<ReturnType<typeof remote>['fetch']>,
): Promise<AsyncIterable<Uint8Array>> {
  const fetched = await fetching
  if (fetched.type !== 'body') throw new Error(fetched.message)
  return fetched.body
}
