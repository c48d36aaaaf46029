import type { Pool } from 'undici'
import type { RemoteFetch, RemoteMedia } from '../../ports/media/remote-media.ts'
import { flatten } from './exchange.ts'
import type { Answer } from './exchange.ts'
import { pacedBody } from './bodies/paced-body.ts'
import type { LeastRate } from './bodies/paced-body.ts'
import { decodedBody, inlineVideo } from './bodies/inline-video.ts'
import { jsonText } from './bodies/json-text.ts'
import type { ApiCall } from './api-call.ts'
import { codeOf } from './send-error.ts'
import type { UnsignedRequest } from './unsigned-request.ts'

/**
 * A path below the base URL, a URL from an upstream's response (also relative to the host), or a response that contains
 * the video in base64.
 */
export type DownloadTarget = { type: 'path'; path: string } | { type: 'url'; url: string } | InlineTarget

export interface InlineTarget {
  type: 'inline'
  call: ApiCall
  /** Whether this is the start of the video. */
  isVideo: (base64: string) => boolean
}

/**
 * `body`: a 2xx response; it must be read to the end, or its iterator returned. `answer`: any other status of the
 * upstream's own origin. `failed`: no response, or a response of another host without a file.
 */
export type Download = RemoteFetch | { type: 'answer'; answer: Answer }

interface DownloadDeps {
  pool: Pool
  base: URL
  prefix: string
  headersOf: (request: Omit<UnsignedRequest, 'host'>) => Promise<Record<string, string>>
  settings: { fetchHeadersMs: number; fetchIdleMs: number; leastRate?: LeastRate | undefined }
  remoteMedia: RemoteMedia
  /** The path of a call on the host. */
  pathOf: (call: ApiCall) => string
}

const maxRedirects = 5
const maxErrorBytes = 64 * 1024

/**
 * Credentials are sent only if the URL has the scheme, host and port of the base URL. Any other URL is fetched by the
 * guarded fetch, without credentials. Measured over 23 platforms: some require the key for their own URLs, and signed
 * URLs of other hosts fail if a key is sent (docs/vendors/resellers.md#downloads-and-keys).
 */
export function createDownload(deps: DownloadDeps): (target: DownloadTarget) => Promise<Download> {
  const { base, prefix, settings, remoteMedia } = deps

  return async (target) => {
    if (target.type === 'inline') return fromAnswer(deps, target)
    const start = target.type === 'path' ? `${base.origin}${prefix}${target.path}` : target.url
    let url = URL.parse(start, base.href)
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      if (url === null) return { type: 'failed', message: 'The video URL is not valid.' }
      const controller = new AbortController()
      const timer = setTimeout(() => controller.abort(), settings.fetchHeadersMs)
      try {
        if (!isSameOrigin(url, base)) return await remoteMedia.fetch(url.href, controller.signal)
        const next = await fromOrigin(deps, url, controller.signal)
        if (next.type !== 'redirect') return next
        url = URL.parse(next.location, url.href)
      } catch (error) {
        if (controller.signal.aborted)
          return { type: 'failed', message: `No response within ${settings.fetchHeadersMs} ms.` }
        return { type: 'failed', message: `The video could not be fetched (${codeOf(error)}).` }
      } finally {
        clearTimeout(timer)
      }
    }
    return { type: 'failed', message: 'The video URL redirects too many times.' }
  }
}

/** The protocol is compared too, because `blob:` URLs have the origin of the URL inside. */
function isSameOrigin(url: URL, base: URL): boolean {
  return url.origin === base.origin && url.protocol === base.protocol
}

async function fromOrigin(
  { pool, headersOf, settings }: DownloadDeps,
  url: URL,
  signal: AbortSignal,
): Promise<Download | { type: 'redirect'; location: string }> {
  const asked = { method: 'GET', path: `${url.pathname}${url.search}` } as const
  const headers = await headersOf({ ...asked, contentType: null, body: new Uint8Array() })
  const response = await pool.request({
    ...asked,
    headers: { ...headers, accept: 'video/*, */*;q=0.5' },
    signal,
  })
  const { statusCode: status, body } = response
  const answered = flatten(response.headers)
  const location = answered['location']
  if (status >= 300 && status < 400 && location !== undefined) {
    await body.dump({ limit: maxErrorBytes })
    return { type: 'redirect', location }
  }
  if (status < 200 || status >= 300) {
    return { type: 'answer', answer: { status, headers: answered, body: await readText(body) } }
  }
  const bytes = Number.parseInt(answered['content-length'] ?? '', 10)
  return {
    type: 'body',
    body: pacedBody(body, { idleMs: settings.fetchIdleMs, leastRate: settings.leastRate }),
    bytes: Number.isNaN(bytes) ? null : bytes,
    contentType: answered['content-type'] ?? null,
    answer: { status, headers: answered },
  }
}

/** The call is repeated, because megabytes of base64 were not kept: this time the video is decoded as it arrives. */
async function fromAnswer(
  { pool, headersOf, pathOf, settings }: DownloadDeps,
  { call, isVideo }: InlineTarget,
): Promise<Download> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), settings.fetchHeadersMs)
  try {
    const json = call.body?.type === 'json' ? jsonText(call.body.value, call.body.integers) : null
    const asked = { method: call.method, path: pathOf(call) }
    const contentType = json === null ? null : 'application/json'
    const headers = await headersOf({ ...asked, contentType, body: Buffer.from(json ?? '') })
    const {
      statusCode: status,
      headers: answered,
      body,
    } = await pool.request({
      ...asked,
      headers: {
        ...headers,
        accept: 'application/json',
        ...call.headers,
        ...(contentType !== null && { 'content-type': contentType }),
      },
      body: json,
      signal: controller.signal,
    })
    const flat = flatten(answered)
    if (status < 200 || status >= 300)
      return { type: 'answer', answer: { status, headers: flat, body: await readText(body) } }
    const paced = pacedBody(body, { idleMs: settings.fetchIdleMs, leastRate: settings.leastRate })
    const video = inlineVideo(decodedBody(paced, flat['content-encoding']), isVideo)
    return { type: 'body', body: video, bytes: null, contentType: null, answer: { status, headers: flat } }
  } catch (error) {
    return {
      type: 'failed',
      message: `The response with the video could not be fetched (${codeOf(error)}).`,
    }
  } finally {
    clearTimeout(timer)
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxErrorBytes) break
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, maxErrorBytes)
}
