import { isIP } from 'node:net'
import * as z from 'zod'
import type { Size } from '../../domain/routing/upstream.ts'
import { isHardToGuess } from '../keys/key-strength.ts'

// A week: long enough for any render, short enough for timers (which overflow at 24 days).
const MAX_SECONDS = 604_800
const MAX_USD = 1_000_000_000

/** Fractions are allowed; below a millisecond there is nothing to wait for. */
export const seconds = z.number().min(0.001).max(MAX_SECONDS)
export const secondsOrZero = z.number().min(0).max(MAX_SECONDS)
export const count = z.int().min(1)
/** null: no limit. */
export const limit = count.nullable()

export const usd = z
  .number()
  .min(0)
  .max(MAX_USD)
  .refine(isWholeMicros, 'should have at most six decimal places')

function isWholeMicros(value: number): boolean {
  const micros = value * 1e6
  return Math.abs(micros - Math.round(micros)) <= 1e-6 + micros * 1e-15
}

export const text = z.string().min(1, 'should not be empty text')

export const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'should be up to 64 letters, digits, `.`, `_` or `-`, with a letter or digit first',
  )

/** What goes into a header as it is; line breaks and spaces come from copying. */
export const secret = text.regex(/^[\x21-\x7e]*$/, 'should be ASCII without spaces and line breaks')

export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, 'should be the name of a header, such as Idempotency-Key')
  .refine(
    (value) => !reservedHeaders.has(value.toLowerCase()),
    'should be another header: the gateway sets this one',
  )

/** For a collector, which gets nothing else from us that a header could contradict. */
export const collectorHeaderName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, 'should be the name of a header, such as Authorization')
  .refine(
    (value) => !exportHeaders.has(value.toLowerCase()),
    'should be another header: the gateway sets this one',
  )

const exportHeaders = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'host',
  'user-agent',
  'expect',
])

/** One line, with blanks inside; it may be a secret. */
export const headerValue = z
  .string()
  .regex(
    /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/,
    'should be one line of ASCII without leading or trailing spaces',
  )

/** What every call carries; a second meaning for one of them would break it. */
const reservedHeaders = new Set([
  'authorization',
  'user-agent',
  'accept',
  'accept-encoding',
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  'expect',
])

/** What a vendor signs its webhooks with, as the vendor wrote it. */
export const vendorSecret = secret.refine(
  (value) => !value.startsWith('whsec_') || isBase64(value.slice('whsec_'.length)),
  'should be base64 after `whsec_`, as the vendor gave it',
)

function isBase64(value: string): boolean {
  return /^[A-Za-z0-9+/_-]{2,}={0,2}$/.test(value)
}

/** What we sign with, in the form of Standard Webhooks: 24 to 64 bytes. */
export const signingSecret = secret.refine(
  (value) => /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/.test(value),
  'should be whsec_ and 24 to 64 bytes in base64, such as from `openssl rand -base64 32`',
)

const HOW_TO_MAKE = 'create one with `openssl rand -base64 32`'

/** A secret that callers show. Messages never repeat it. */
export const gatewayKey = secret
  .min(16, `should be at least 16 characters long; ${HOW_TO_MAKE}`)
  .refine((key) => !/^[\x21-\x7e]{16,}$/.test(key) || isHardToGuess(key), `is easy to guess; ${HOW_TO_MAKE}`)

export function distinct(list: readonly unknown[], context: z.RefinementCtx): void {
  for (const [index, item] of list.entries()) {
    if (list.indexOf(item) < index)
      context.addIssue({ code: 'custom', path: [index], message: 'is listed twice' })
  }
}

export function setOf<T extends z.ZodType>(item: T) {
  return z.array(item).min(1).superRefine(distinct)
}

export const size = z.string().refine(isSize, 'should be WIDTHxHEIGHT in even pixels, such as 1280x720')

export function isSize(value: string): value is Size {
  const match = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(value)
  return match !== null && Number(match[1]) % 2 === 0 && Number(match[2]) % 2 === 0
}

/** An http(s) URL without credentials, query or fragment, given without its trailing slash. */
export const httpUrl = z.string().transform((value, context) => {
  const url = /^https?:\/\/\S+$/i.test(value) ? URL.parse(value) : null
  const reject = (message: string) => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  if (url === null) return reject('should be a URL that starts with http:// or https://')
  if (url.username !== '' || url.password !== '') return reject('should not hold a user name or a password')
  if (/[?#]/.test(value)) return reject('should not have a query (`?`) or a fragment (`#`)')
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
})

/** Where a page comes from, as browsers write it in `Origin`; `*` for anywhere. */
export const webOrigin = z
  .string()
  .refine(
    (value) => value === '*' || (/^https?:/.test(value) && URL.parse(value)?.origin === value),
    'should be `*`, or scheme, host and port as a browser sends them, such as https://app.example',
  )

/** An http(s) URL that is called as it is, with its query. */
export const callbackUrl = z
  .url({ protocol: /^https?$/, error: 'should be a URL that starts with http:// or https://' })
  .max(2048)
  .refine((value) => URL.parse(value)?.username === '', 'should not hold a user name or a password')

/** A host name or an address. */
export const host = z.string().refine(isHost, 'should be a host name or an address, without scheme and port')

/** The same, or a range of addresses in CIDR notation. */
export const hostOrRange = z
  .string()
  .refine(
    (value) => isHost(value) || isRange(value),
    'should be a host name, an address or a CIDR range, without scheme and port',
  )

/** An address, and a port where it is not 53. */
export const dnsServer = z
  .string()
  .refine(isDnsServer, 'should be an IP address, or an address and a port such as 10.0.0.2:5353')

/** An address, or a range of addresses in CIDR notation. A host name could be anybody's tomorrow. */
export const addressOrRange = z
  .string()
  .refine(
    (value) => isIP(value) !== 0 || isRange(value),
    'should be an IP address or a CIDR range, such as 10.0.0.0/8',
  )

function isDnsServer(value: string): boolean {
  if (isIP(value) !== 0) return true
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):([1-9]\d{0,4})$/.exec(value) ?? []
  return (isIP(six ?? '') === 6 || isIP(four ?? '') === 4) && Number(port) <= 65_535
}

function isHost(value: string): boolean {
  return isIP(value) !== 0 || /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(value)
}

function isRange(value: string): boolean {
  const [address = '', prefix = '', ...rest] = value.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  return isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}
