import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Readable, Transform } from 'node:stream'
import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * What happens to one request.
 *
 * - `answer`: the proxy answers it after it has read the body, with an error document or, without a code, with none.
 * - `cut_upload`, `cut_download`: the connection ends after so many bytes of the body or of the answer's body.
 * - `cut_answer`: the server has done what it was asked, and the connection ends instead of its answer.
 * - `drip`: each kB of both bodies is followed by so long a pause.
 * - `hang`: nothing more is sent, in either direction.
 */
export type S3Fault =
  | { type: 'answer'; status: number; code: string | null }
  | { type: 'cut_upload' | 'cut_download'; afterBytes: number }
  | { type: 'cut_answer' }
  | { type: 'drip'; msPerKb: number }
  | { type: 'hang' }

export interface SeenS3Request {
  method: string
  /** Without the bucket. */
  key: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
}

export interface FaultProxy {
  url: string
  /** Asked for every request from now on; null passes it on. */
  fault(decide: (request: SeenS3Request) => S3Fault | null): void
  /** Cuts all connections, also those that hang. */
  cut(): void
  close(): Promise<void>
}

/** Stands between a gateway and its S3 server. It passes the headers on as they are, so that signatures hold. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let decide: (request: SeenS3Request) => S3Fault | null = passOn
  const server = createServer((request, response) => {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    const url = new URL(request.url ?? '/', target)
    const key = url.pathname.split('/').slice(2).join('/')
    const fault = decide({
      method: request.method ?? '',
      key,
      query: url.searchParams,
      headers: request.headers,
    })
    if (fault?.type === 'hang') return
    if (fault?.type === 'answer') answer(request, response, fault)
    else forward(url, request, response, fault)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    fault(next) {
      decide = next
    },
    cut: () => server.closeAllConnections(),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function passOn(): null {
  return null
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, code }: { status: number; code: string | null },
): void {
  request.resume().once('end', () => {
    response.writeHead(status, { 'content-type': 'application/xml' })
    const isEmpty = code === null || request.method === 'HEAD'
    response.end(isEmpty ? '' : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`)
  })
}

function forward(url: URL, request: IncomingMessage, response: ServerResponse, fault: S3Fault | null): void {
  const cut = (): void => void request.socket.destroy()
  const onward = send(url, { method: request.method, headers: request.headers, agent: false })
  onward.on('error', cut)
  // Also once the answer is out, when there is nothing left to end.
  response.once('close', () => onward.destroy())
  onward.on('response', (told) => {
    told.on('error', cut)
    if (fault?.type === 'cut_answer') return void told.resume().once('end', cut)
    response.writeHead(told.statusCode ?? 502, told.headers)
    pass(told, response, fault?.type === 'cut_download' ? { bytes: fault.afterBytes, cut } : null, fault)
  })
  pass(request, onward, fault?.type === 'cut_upload' ? { bytes: fault.afterBytes, cut } : null, fault)
}

function pass(
  from: Readable,
  to: Writable,
  end: { bytes: number; cut: () => void } | null,
  fault: S3Fault | null,
): void {
  if (fault?.type === 'drip') {
    const drops = Readable.from(dripped(from, fault.msPerKb))
    drops.once('error', () => to.destroy())
    return void drops.pipe(to)
  }
  let left = end?.bytes ?? Infinity
  const between = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      this.push(chunk.subarray(0, left))
      left -= chunk.byteLength
      // What was sent reaches the other side before the end of the connection.
      if (left < 0) setTimeout(() => end?.cut(), 20)
      else done()
    },
  })
  from.pipe(between).pipe(to)
}

async function* dripped(from: AsyncIterable<Buffer>, msPerKb: number): AsyncGenerator<Buffer> {
  for await (const chunk of from)
    for (let at = 0; at < chunk.length; at += 1024) {
      yield chunk.subarray(at, at + 1024)
      await pause(msPerKb)
    }
}
