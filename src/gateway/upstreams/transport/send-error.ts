export type NotSentReason =
  'dns' | 'refused' | 'unreachable' | 'tls' | 'connect_timeout' | 'connect_failed' | 'deadline' | 'source'

export type NoAnswerReason = 'reset' | 'timeout' | 'half_answer' | 'malformed' | 'source'

interface NotSent {
  type: 'not_sent'
  reason: NotSentReason
  message: string
}

interface NoAnswer {
  type: 'no_answer'
  reason: NoAnswerReason
  message: string
}

/** The reason only describes the failure: the caller already knows that nothing was sent. */
const notSentReasons: [codes: RegExp, reason: NotSentReason, message: string][] = [
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, 'dns', 'The host name could not be resolved'],
  [/^ECONNREFUSED$/, 'refused', 'The connection was refused'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'connect_timeout', 'The connection timed out'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|ENETDOWN)$/, 'unreachable', 'The host is unreachable'],
  [
    /^(ERR_TLS_|ERR_SSL_|EPROTO|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/,
    'tls',
    'The TLS handshake failed',
  ],
]

const noAnswerReasons: [codes: RegExp, reason: NoAnswerReason, message: string][] = [
  [/^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/, 'timeout', 'The response timed out'],
  [/^(HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)/, 'malformed', 'The response was not valid HTTP'],
  [/^UND_ERR_REQ_CONTENT_LENGTH_MISMATCH$/, 'source', 'The file changed while it was being sent'],
]

/** Why a request was not written. */
export function notSentOf(error: unknown): NotSent {
  const code = codeOf(error)
  for (const [codes, reason, message] of notSentReasons) {
    if (codes.test(code)) return { type: 'not_sent', reason, message: `${message} (${code}).` }
  }
  return { type: 'not_sent', reason: 'connect_failed', message: `No connection could be made (${code}).` }
}

/** What ended a request after writing had started; `hasHead`: the response had started. */
export function noAnswerOf(error: unknown, hasHead: boolean): NoAnswer {
  const code = codeOf(error)
  for (const [codes, reason, message] of noAnswerReasons) {
    if (codes.test(code)) return { type: 'no_answer', reason, message: `${message} (${code}).` }
  }
  if (hasHead)
    return {
      type: 'no_answer',
      reason: 'half_answer',
      message: `The connection was lost during the response (${code}).`,
    }
  return { type: 'no_answer', reason: 'reset', message: `The connection was lost (${code}).` }
}

/**
 * The error code of the system or undici. Connecting to several addresses fails with an AggregateError with one error
 * per address.
 */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : error.name
}
