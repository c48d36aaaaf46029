/** Error codes of the API. Stable: clients match on them. The HTTP layer maps them to status codes. */
export const problemCodes = [
  'validation_failed',
  'malformed_body',
  'unauthorized',
  'forbidden',
  'cross_site',
  'not_found',
  'method_not_allowed',
  'not_acceptable',
  'malformed_request',
  'headers_too_large',
  'request_timeout',
  'character_not_found',
  'generation_not_found',
  'name_taken',
  'idempotency_key_reused',
  'idempotency_in_progress',
  'no_upstream',
  'over_max_cost',
  'url_forbidden',
  'url_unreachable',
  'not_media',
  'payload_too_large',
  'unsupported_media_type',
  'budget_exceeded',
  'too_many_in_flight',
  'rate_limited',
  'video_not_ready',
  'video_gone',
  'range_not_satisfiable',
  'conflict',
  'job_not_found',
  'held_after_restore',
  'two_bills_possible',
  'paused',
  'storage_full',
  'storage_unavailable',
  'overloaded',
  'internal',
] as const

export type ProblemCode = (typeof problemCodes)[number]

/** An error in one field of the request: a JSON pointer into the body, or `#/query/…` or `#/headers/…`. */
export interface FieldFault {
  pointer: string
  detail: string
}

/**
 * An error that the caller receives. Services throw it before they store anything; the HTTP layer turns it into a response.
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly faults: FieldFault[]
  /** Further members of the problem document, such as the exclusions of a plan without candidates. */
  readonly extra: Record<string, unknown>

  constructor(
    code: ProblemCode,
    detail: string,
    more: { faults?: FieldFault[]; extra?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.faults = more.faults ?? []
    this.extra = more.extra ?? {}
  }
}

/** What says "not now" about the caller's own limits, or about this machine: what was asked for may be asked for again. */
export const passingProblems: ReadonlySet<ProblemCode> = new Set([
  'too_many_in_flight',
  'overloaded',
  'storage_full',
  'storage_unavailable',
  'rate_limited',
  'conflict',
])
