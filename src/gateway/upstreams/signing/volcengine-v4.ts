import { createHash, createHmac } from 'node:crypto'
import type { UnsignedRequest } from '../transport/unsigned-request.ts'
import type { KeyPair } from './key-pair.ts'

interface Scope {
  service: string
  region: string
}

/**
 * Signature version 4 of Volcengine and BytePlus (docs/vendors/video-apis.md#volcengine-signatures). It is close to that of AWS,
 * but its names, its prefix of the key and its scope differ, so that libraries for that one do not fit.
 */
export function volcengineHeaders(
  { method, host, path, contentType, body }: UnsignedRequest,
  scope: Scope,
  { pair, at }: { pair: KeyPair; at: number },
): Record<string, string> {
  if (body === null) throw new Error('A body that is streamed cannot be signed with volcengine-v4.')
  const date = new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const bodyHash = sha256(body)
  const own = { 'x-content-sha256': bodyHash, 'x-date': date }
  const type = contentType === null ? {} : { 'content-type': contentType }
  const authorization = volcengineAuthorization(
    { method, path, headers: { ...type, host, ...own }, bodyHash },
    scope,
    { pair, date },
  )
  return { ...own, authorization }
}

/** The value of `Authorization`. All `headers` are signed; `date` is that of `x-date`, such as `20240619T071306Z`. */
export function volcengineAuthorization(
  request: { method: string; path: string; headers: Readonly<Record<string, string>>; bodyHash: string },
  { service, region }: Scope,
  { pair, date }: { pair: KeyPair; date: string },
): string {
  const day = date.slice(0, 8)
  const scope = `${day}/${region}/${service}/request`
  const names = Object.keys(request.headers).toSorted()
  const signed = names.join(';')
  const [path = '/', query = ''] = request.path.split('?', 2)
  const canonical = [
    request.method,
    path,
    canonicalQuery(query),
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim()}`),
    '',
    signed,
    request.bodyHash,
  ].join('\n')
  const toSign = ['HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  const key = [day, region, service, 'request'].reduce<string | Buffer>(hmac, pair.secretKey)
  const signature = hmac(key, toSign).toString('hex')
  return `HMAC-SHA256 Credential=${pair.accessKey}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
}

/** Sorted by name, then by value, each encoded as RFC 3986 has it. */
function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .toSorted(([one, first], [other, second]) => compare(one, other) || compare(first, second))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
