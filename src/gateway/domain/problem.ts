/** Every way a call can be answered with an error. Stable: clients match on these. The HTTP status is the edge's business. */
export type ProblemCode =
  | 'validation_failed'
  | 'malformed_body'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'malformed_request'
  | 'headers_too_large'
  | 'request_timeout'
  | 'character_not_found'
  | 'generation_not_found'
  | 'name_taken'
  | 'idempotency_key_reused'
  | 'idempotency_in_progress'
  | 'no_upstream'
  | 'over_max_cost'
  | 'url_forbidden'
  | 'url_unreachable'
  | 'not_media'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'budget_exceeded'
  | 'too_many_in_flight'
  | 'rate_limited'
  | 'video_not_ready'
  | 'video_gone'
  | 'range_not_satisfiable'
  | 'conflict'
  | 'job_not_found'
  | 'held_after_restore'
  | 'storage_full'
  | 'overloaded'
  | 'internal'

/** A fault of one field of the request, as a JSON pointer into its body (or `#/query/…`, `#/headers/…`). */
export interface FieldFault {
  pointer: string
  detail: string
}

/** Why this call was not done. Thrown by services, answered by the HTTP edge; nothing was stored. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly faults: FieldFault[]
  /** Members added to the problem document, for example the exclusions of a plan without candidates. */
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
