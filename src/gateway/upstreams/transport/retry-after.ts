/** A longer wait is ignored: it is not meant for this request. */
const maxRetryAfterMs = 24 * 60 * 60 * 1000

/**
 * How long an upstream asks to wait, in milliseconds from `receivedAt` (ms since the epoch); null if nothing readable
 * says so. Reads `retry-after-ms`, `retry-after` in seconds or as a date, and `x-ratelimit-reset-requests` once no
 * requests remain (docs/vendors/openai-videos.md#rate-limits-and-headers).
 */
export function retryAfter(headers: Record<string, string>, receivedAt: number): number | null {
  const wait =
    milliseconds(headers['retry-after-ms']) ??
    retryAfterHeader(headers['retry-after'], sentAt(headers, receivedAt)) ??
    (headers['x-ratelimit-remaining-requests'] === '0'
      ? duration(headers['x-ratelimit-reset-requests'])
      : null)
  return wait === null ? null : Math.min(maxRetryAfterMs, Math.max(0, Math.ceil(wait)))
}

/**
 * When an upstream asks to be polled again: `openai-poll-after-ms`
 * (docs/vendors/openai-videos.md#retries-and-idempotency), otherwise `retryAfter`.
 */
export function pollAfter(headers: Record<string, string>, receivedAt: number): number | null {
  const wait = milliseconds(headers['openai-poll-after-ms'])
  return wait === null ? retryAfter(headers, receivedAt) : Math.min(maxRetryAfterMs, wait)
}

/** Dates are relative to the vendor's clock, which its `Date` header tells; it may differ from ours by minutes. */
function sentAt(headers: Record<string, string>, receivedAt: number): number {
  const sent = Date.parse(headers['date'] ?? '')
  return Number.isNaN(sent) ? receivedAt : sent
}

function milliseconds(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

function retryAfterHeader(text: string | undefined, receivedAt: number): number | null {
  const seconds = milliseconds(text)
  if (seconds !== null) return seconds * 1000
  // HTTP dates begin with a weekday; Date.parse alone also reads "-5".
  const date = text !== undefined && /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? null : date - receivedAt
}

/** `250ms`, `2s`, `6m0s`, `1h2m`, or bare seconds. */
function duration(text: string | undefined): number | null {
  const seconds = milliseconds(text)
  if (seconds !== null) return seconds * 1000
  if (text === undefined || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return null
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (unit === undefined ? 0 : (units[unit] ?? 0))
  }
  return total
}

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
