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

/** The reason only names what happened; that nothing was sent is known before it is asked for. */
const notSentReasons: [codes: RegExp, reason: NotSentReason, message: string][] = [
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, 'dns', 'the name of the host could not be resolved'],
  [/^ECONNREFUSED$/, 'refused', 'the connection was refused'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'connect_timeout', 'no connection in time'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|ENETDOWN)$/, 'unreachable', 'there is no route to it'],
  [
    /^(ERR_TLS_|ERR_SSL_|EPROTO|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/,
    'tls',
    'the TLS handshake failed',
  ],
]

const noAnswerReasons: [codes: RegExp, reason: NoAnswerReason, message: string][] = [
  [
    /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/,
    'timeout',
    'the answer did not come in time',
  ],
  [/^(HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)/, 'malformed', 'the answer was not HTTP'],
  [/^UND_ERR_REQ_CONTENT_LENGTH_MISMATCH$/, 'source', 'the file changed while it was sent'],
]

/** What kept a request from being written. */
export function notSentOf(error: unknown): NotSent {
  const code = codeOf(error)
  for (const [codes, reason, message] of notSentReasons) {
    if (codes.test(code)) return { type: 'not_sent', reason, message: `${message} (${code})` }
  }
  return { type: 'not_sent', reason: 'connect_failed', message: `no connection could be made (${code})` }
}

/** What ended a request after it began to be written; `hasHead` when the answer had begun. */
export function noAnswerOf(error: unknown, hasHead: boolean): NoAnswer {
  const code = codeOf(error)
  for (const [codes, reason, message] of noAnswerReasons) {
    if (codes.test(code)) return { type: 'no_answer', reason, message: `${message} (${code})` }
  }
  if (hasHead) return { type: 'no_answer', reason: 'half_answer', message: `the answer broke off (${code})` }
  return { type: 'no_answer', reason: 'reset', message: `the connection was lost (${code})` }
}

/** The system's or undici's code. Dialling several addresses fails with an AggregateError of one error for each. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : error.name
}
