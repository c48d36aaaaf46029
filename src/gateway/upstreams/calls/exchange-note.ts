import { cutBody, keptCharacters, keptUnreadable } from '../../domain/attempts/exchange.ts'
import type { Exchange, ExchangeOperation } from '../../domain/attempts/exchange.ts'
import type { NoteExchange } from '../../ports/upstream.ts'
import type { CallResult } from '../dialect.ts'
import type { Send } from './follow-up.ts'
import type { Redact } from './redaction.ts'
import { shownJson } from '../transport/bodies/embedded-files.ts'
import type { ApiCall } from '../transport/api-call.ts'

/** Response headers that are useful for diagnosis and in which no vendor puts credentials. */
const shownHeaders = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'date',
  'server',
  'via',
  'retry-after',
  'location',
  'cf-ray',
  'request-id',
  'traceparent',
])
const shownFamilies = /^(x-)?(.*-)?(request|trace|correlation)-?id$|^(x-)?ratelimit-/

/** Longer strings of a request that look like base64 are treated as media. */
const longestBase64 = 512

export type Told = (
  operation: ExchangeOperation,
  note: NoteExchange | undefined,
  hidden?: readonly string[],
) => Send

/**
 * Wraps `send` so that `note` is called for every exchange. What it receives is safe to store: it was redacted, and the
 * `hidden` texts are removed.
 */
export function toldOf(send: Send, { redact, now }: { redact: Redact; now: () => number }): Told {
  return (operation, note, hidden = []) => {
    if (note === undefined) return send
    const clean: Redact = (text) => redact(hide(text, hidden))
    return async (call, deadlineMs) => {
      const at = now()
      const began = performance.now()
      const result = await send(call, deadlineMs)
      const ms = Math.round(performance.now() - began)
      note(exchangeOf(call, result, { operation, at, ms, clean }))
      return result
    }
  }
}

function exchangeOf(
  call: ApiCall,
  result: CallResult,
  { operation, at, ms, clean }: { operation: ExchangeOperation; at: number; ms: number; clean: Redact },
): Exchange {
  const asked = requestText(call.body)
  const request = asked === null ? null : clean(asked).slice(0, keptCharacters).toWellFormed()
  const shared = { operation, at, ms, method: call.method, path: pathOf(call, clean), request }
  if (result.type !== 'answer')
    return {
      ...shared,
      ending: result.type,
      reason: clean(`${result.reason}: ${result.message}`),
      status: null,
      headers: {},
      body: null,
      bytes: null,
      isCut: false,
    }
  const answered: Exchange = {
    ...shared,
    ending: 'answered',
    reason: null,
    status: result.status,
    headers: headersOf(result.headers, clean),
    body: clean(result.body),
    bytes: null,
    isCut: false,
  }
  return cutBody(answered, keptUnreadable)
}

export function headersOf(headers: Record<string, string>, clean: Redact): Record<string, string> {
  const shown = Object.entries(headers).filter(([name]) => shownHeaders.has(name) || shownFamilies.test(name))
  return Object.fromEntries(shown.map(([name, value]) => [name, clean(value).slice(0, 512)]))
}

/** The query of an address that a response named grants access to whoever knows it. */
function pathOf({ path, to }: ApiCall, clean: Redact): string {
  if (to === undefined) return pathText(path, clean)
  const url = URL.parse(to)
  return url === null ? '' : pathText(`${url.origin}${url.pathname}`, clean)
}

/** Some vendors expect their key in the query string. */
export function pathText(path: string, clean: Redact): string {
  return clean(path)
    .replaceAll(/([?&][^=&]*(?:key|token|secret|sig|auth|pass|cred|hmac)[^=&]*=)[^&]*/gi, '$1[key]')
    .slice(0, 2048)
}

function requestText(body: ApiCall['body']): string | null {
  if (body === null) return null
  if (body.type === 'json') return shownJson(JSON.stringify(body.value, withoutMedia), body.files ?? [])
  if (body.type === 'file') return `[${body.file.contentType}, ${body.file.bytes} bytes]`
  const fields = body.parts.map((part) => [
    part.name,
    'file' in part ? `[${part.file.contentType}, ${part.file.bytes} bytes]` : part.value,
  ])
  return JSON.stringify(Object.fromEntries(fields), withoutMedia)
}

function withoutMedia(_name: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= longestBase64) return value
  const isMedia = /^data:[^,]{0,128};base64,/.test(value) || /^[A-Za-z0-9+/_=\r\n-]+$/.test(value)
  return isMedia ? `[${value.length} characters of base64]` : value
}

/** Anyone who knows a signed URL of our files can read them. */
function hide(text: string, hidden: readonly string[]): string {
  let clean = text
  for (const each of hidden) clean = clean.replaceAll(each, '[address of a file]')
  return clean
}
