import { randomUUID } from 'node:crypto'
import { Pool, buildConnector } from 'undici'
import type { RemoteMedia } from '../../ports/media/remote-media.ts'
import type { ApiCall } from './api-call.ts'
import { encodeBody } from './bodies/encode-body.ts'
import type { EncodedBody } from './bodies/encode-body.ts'
import { createDownload } from './download.ts'
import type { Download, DownloadTarget } from './download.ts'
import { exchange } from './exchange.ts'
import type { TransportResult } from './exchange.ts'
import { lookupOf } from './guard/lookup.ts'
import type { LeastRate } from './bodies/paced-body.ts'
import type { Resolver } from './guard/resolver.ts'
import { openConnections } from './open-connections.ts'
import { readAfterBrokenWrite } from './read-after-broken-write.ts'
import { codeOf } from './send-error.ts'
import { spareConnections } from './spare-connections.ts'
import type { UnsignedRequest } from './unsigned-request.ts'

export interface TransportSettings {
  /** Scheme, host, port and path prefix of the API, such as `https://api.example.com/v1`. */
  baseUrl: string
  /** Sent as a bearer token, only to this origin. */
  apiKey: string | null
  /** Sent with every request to this origin only, such as other authorization schemes. */
  headers?: Record<string, string>
  /** A header that has another UUID with every request to this origin. */
  requestIdHeader?: string | undefined
  /** Further headers of each request to this origin, which depend on it or on the time. */
  sign?: ((request: UnsignedRequest) => Promise<Record<string, string>>) | undefined
  /** Further headers of each request to this origin, which depend on what it is made for. */
  traceHeaders?: (() => Record<string, string>) | undefined
  /** From dialling to an established connection, TLS included. */
  connectMs: number
  /** From requesting a file to its response headers. */
  fetchHeadersMs: number
  /** The maximum time without a byte while a file arrives. */
  fetchIdleMs: number
  /** Absent: no minimum rate for files. */
  leastRate?: LeastRate | undefined
}

/**
 * The only HTTP client for upstreams' APIs. It follows no redirect of an API call: a redirected create would be a second
 * create. It retries nothing but a GET, once, whose connection was used before and is closed without a byte of an answer.
 */
export interface Transport {
  send(call: ApiCall, deadlineMs: number): Promise<TransportResult>
  download(target: DownloadTarget): Promise<Download>
  /** Aborts running calls; they report the same as after a connection reset. */
  close(): Promise<void>
}

/** Responses about jobs are a few KiB without base64, lists some hundred KiB. */
const maxKeptBytes = 1024 * 1024
/** CDNs and tracing proxies were seen to add 30 KiB; undici's default limit is 16 KiB. */
const maxHeaderSize = 64 * 1024
/**
 * The maximum number of sockets to one upstream. More calls wait within their own deadlines; past these, they are not
 * sent.
 */
const maxConnections = 256

export function createTransport(
  settings: TransportSettings,
  { remoteMedia, resolver }: { remoteMedia: RemoteMedia; resolver: Resolver },
): Transport {
  const base = new URL(settings.baseUrl)
  const prefix = base.pathname.replace(/\/+$/, '')
  const parent = prefix.replace(/\/[^/]*$/, '')
  const headers: Record<string, string> = { 'user-agent': 'understudy', 'accept-encoding': 'identity' }
  if (settings.apiKey !== null) headers['authorization'] = `Bearer ${settings.apiKey}`
  Object.assign(headers, settings.headers)

  // HTTP/1.1 without pipelining, so a lost connection affects exactly one request. `exchange` sets the deadlines of API
  // calls, because undici's own timers are only accurate to about half a second.
  const common = {
    connections: maxConnections,
    allowH2: false,
    headersTimeout: 0,
    maxHeaderSize,
  }
  const reusable = openConnections(connectorOf(settings, resolver))
  const reused = new Pool(base.origin, {
    ...common,
    connect: reusable.connect,
    pipelining: 1,
    bodyTimeout: settings.fetchIdleMs,
  })
  // Each POST that creates something gets a new connection (`pipelining: 0` closes it after the response). If a reused
  // connection were closed by the upstream at that moment, a request that it never saw would have an unknown outcome. Those opened ahead
  // have carried no request either.
  const ahead = spareConnections(openConnections(connectorOf(settings, resolver)).connect)
  const fresh = new Pool(base.origin, { ...common, connect: ahead.connect, pipelining: 0, bodyTimeout: 0 })

  const headersOf = async (request: Omit<UnsignedRequest, 'host'>) => ({
    ...headers,
    ...(settings.requestIdHeader !== undefined && { [settings.requestIdHeader.toLowerCase()]: randomUUID() }),
    ...settings.traceHeaders?.(),
    ...(await settings.sign?.({ ...request, host: base.host })),
  })
  const pathOf = ({ path, below }: Pick<ApiCall, 'path' | 'below'>) =>
    `${below === 'parent' ? parent : prefix}${path}`

  const requests = { headersOf, pathOf }

  return {
    async send(call, deadlineMs) {
      if (call.method === 'POST' && call.asks !== true) return sendOn(fresh, requests, call, deadlineMs)
      const from = performance.now()
      const mayBeUsed = call.method === 'GET' && reusable.isOpen(base.origin)
      const result = await sendOn(reused, requests, call, deadlineMs)
      if (!mayBeUsed || result.type !== 'no_answer' || result.reason !== 'reset' || fresh.destroyed)
        return result
      const leftMs = Math.floor(deadlineMs - (performance.now() - from))
      return leftMs > 0 ? sendOn(fresh, requests, call, leftMs) : result
    },
    download: createDownload({ pool: reused, base, prefix, headersOf, settings, remoteMedia, pathOf }),
    async close() {
      ahead.close()
      await Promise.all([reused.destroy(), fresh.destroy()])
    },
  }
}

interface Requests {
  /** Credentials and what else each request of this transport has. Rejects if it cannot be signed. */
  headersOf: (request: Omit<UnsignedRequest, 'host'>) => Promise<Record<string, string>>
  pathOf: (call: Pick<ApiCall, 'path' | 'below'>) => string
}

async function sendOn(
  pool: Pool,
  { headersOf, pathOf }: Requests,
  call: ApiCall,
  deadlineMs: number,
): Promise<TransportResult> {
  const { method, headers: own, body } = call
  const encoded = await encodeBody(body).catch((error: unknown) => codeOf(error))
  if (typeof encoded === 'string')
    return {
      type: 'not_sent',
      reason: 'source',
      message: `The file to send could not be read (${encoded}).`,
    }
  const path = pathOf(call)
  const contentType = encoded.headers['content-type'] ?? null
  const unsigned = { method, path, contentType, body: bytesOf(encoded.content) }
  const credentials = await headersOf(unsigned).catch(() => null)
  if (credentials === null) {
    encoded.close()
    return { type: 'not_sent', reason: 'source', message: 'The request could not be signed.' }
  }
  const options = {
    method,
    path,
    headers: { ...credentials, accept: 'application/json', ...own, ...encoded.headers },
    body: encoded.content,
  }
  const result = await exchange(pool, options, { deadlineMs, maxKeptBytes })
  encoded.close()
  return result
}

function connectorOf({ connectMs }: TransportSettings, resolver: Resolver): buildConnector.connector {
  const connect = buildConnector({ timeout: connectMs, allowH2: false, lookup: lookupOf(resolver) })
  return (options, callback) => {
    connect(options, (...result) => {
      if (result[0] === null) readAfterBrokenWrite(result[1])
      callback(...result)
    })
  }
}

function bytesOf(content: EncodedBody['content']): Uint8Array | null {
  if (content === null) return noBytes
  return content instanceof Uint8Array ? content : null
}

const noBytes = new Uint8Array()
