import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface SignedRequest {
  method: string
  /** Path and query as they came. */
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export type SignatureFault =
  | 'MissingRequestInfo'
  | 'InvalidAuthorization'
  | 'InvalidTimestamp'
  | 'InvalidAccessKey'
  | 'SignatureDoesNotMatch'

const form =
  /^HMAC-SHA256 Credential=([^/ ]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/
const toleratedMs = 15 * 60_000

/**
 * What is wrong with a request that should be signed for this service, null if nothing is
 * (docs/vendors/video-apis.md#volcengine-signatures). Nothing of it is shared with the gateway.
 */
export function signatureFault(
  { method, url, headers, body }: SignedRequest,
  service: string,
  { accessKey, secretKey, at }: { accessKey: string; secretKey: string; at: number },
): SignatureFault | null {
  const date = headers['x-date']
  if (headers.authorization === undefined || typeof date !== 'string') return 'MissingRequestInfo'
  const [, name, day = '', region = '', scopeService, signed = '', signature = ''] =
    form.exec(headers.authorization) ?? []
  const names = signed.split(';')
  if (name === undefined || !names.includes('host') || !names.includes('x-date'))
    return 'InvalidAuthorization'
  const sentAt = instantOf(date)
  if (sentAt === null || Math.abs(at - sentAt) > toleratedMs) return 'InvalidTimestamp'
  if (name !== accessKey) return 'InvalidAccessKey'
  const hash = hexHash(body)
  const claimed = headers['x-content-sha256']
  if (scopeService !== service || !date.startsWith(day) || (claimed !== undefined && claimed !== hash))
    return 'SignatureDoesNotMatch'
  const [path = '/', query = ''] = url.split('?', 2)
  const lines = names.map((each) => `${each}:${String(headers[each] ?? '').trim()}\n`).join('')
  const canonical = `${method}\n${path}\n${sortedQuery(query)}\n${lines}\n${signed}\n${hash}`
  const text = `HMAC-SHA256\n${date}\n${day}/${region}/${service}/request\n${hexHash(canonical)}`
  let key: Buffer = Buffer.from(secretKey)
  for (const part of [day, region, service, 'request']) key = mac(key, part)
  return timingSafeEqual(mac(key, text), Buffer.from(signature, 'hex')) ? null : 'SignatureDoesNotMatch'
}

/** `20261127T080509Z`, in milliseconds since the epoch. */
function instantOf(date: string): number | null {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)?.map(Number) ?? []
  if (second === undefined) return null
  return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second)
}

function sortedQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .toSorted()
    .join('&')
}

function mac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function hexHash(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex')
}
