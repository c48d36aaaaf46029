/** What an error is about, for dialects with their own messages. */
export type VendorErrorKind =
  | 'invalid'
  | 'refused'
  | 'character'
  | 'unauthorized'
  | 'unverified'
  | 'rate_limited'
  | 'busy'
  | 'overloaded'
  | 'billing'
  | 'model_gone'
  | 'paused'
  | 'no_channel'
  | 'url_unknown'
  | 'job_unknown'
  | 'not_ready'
  | 'expired'
  | 'unfetchable'
  | 'server'

/** A vendor's error before a dialect words it (speech.ts). */
export interface VendorError {
  kind: VendorErrorKind
  status: number
  type: string
  code: string | null
  param: string | null
  message: string
}

/** The result of an endpoint: a value, or the error to return. */
export type Verdict<T> = { ok: true; value: T } | { ok: false; error: VendorError }

export const accepted = <T>(value: T): Verdict<T> => ({ ok: true, value })

interface Details {
  kind?: VendorErrorKind
  status?: number
  code?: string | null
  param?: string | null
}

/**
 * 400 `invalid_request_error`, the form of nearly every error about the request itself
 * (docs/vendors/openai-videos.md#error-catalogue).
 */
export function invalidRequest(message: string, details: Details = {}): { ok: false; error: VendorError } {
  const { kind = 'invalid', status = 400, code = null, param = null } = details
  return { ok: false, error: { kind, status, type: 'invalid_request_error', code, param, message } }
}

/** 400 `invalid_value` with the parameter (docs/vendors/openai-videos.md#error-catalogue, rows `seconds` and `size`). */
export function invalidValue(param: string, value: unknown, supported: readonly (string | number)[]) {
  const list = supported.map((each) => `'${each}'`).join(', ')
  const message = `Invalid value: '${String(value)}'. Supported values are: ${list}.`
  return invalidRequest(message, { code: 'invalid_value', param })
}

/** 400 `invalid_type` with the parameter. */
export function invalidType(param: string, expected: string) {
  return invalidRequest(`Invalid type for '${param}': expected ${expected}.`, { code: 'invalid_type', param })
}

/**
 * The error body of docs/vendors/openai-videos.md#error-body; `sora-tasks` resellers use the same one
 * (docs/vendors/failure-modes.md#character-refused).
 */
export function envelope(error: VendorError) {
  const { message, type, param, code } = error
  return { error: { message, type, param, code } }
}
