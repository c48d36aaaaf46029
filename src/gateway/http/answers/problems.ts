import { MediaUnavailableError } from '../../ports/media/media-archive.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault, ProblemCode } from '../../domain/problem.ts'
import { mayBeWritten } from '../../services/may-be-written.ts'

export interface ProblemKind {
  status: number
  title: string
  /** Sent as `Retry-After` unless the answer already carries a better one. */
  retryAfterSeconds?: number
}

/** Status and title of every problem code. */
export const problemKinds: Record<ProblemCode, ProblemKind> = {
  validation_failed: { status: 400, title: 'Invalid request' },
  malformed_body: { status: 400, title: 'Malformed request body' },
  malformed_request: { status: 400, title: 'Malformed HTTP request' },
  unauthorized: { status: 401, title: 'Authentication required' },
  budget_exceeded: { status: 402, title: 'Budget exceeded' },
  forbidden: { status: 403, title: 'Permission denied' },
  cross_site: { status: 403, title: 'Request from another site' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  not_acceptable: { status: 406, title: 'No acceptable representation' },
  request_timeout: { status: 408, title: 'Request timeout' },
  name_taken: { status: 409, title: 'Name already in use' },
  conflict: { status: 409, title: 'Conflict with the current state' },
  idempotency_in_progress: {
    status: 409,
    title: 'Idempotent request still in progress',
    retryAfterSeconds: 1,
  },
  video_not_ready: { status: 409, title: 'Video not ready', retryAfterSeconds: 5 },
  video_gone: { status: 410, title: 'Video no longer available' },
  payload_too_large: { status: 413, title: 'Request body too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported content type' },
  range_not_satisfiable: { status: 416, title: 'Range not satisfiable' },
  character_not_found: { status: 422, title: 'Character not found' },
  generation_not_found: { status: 422, title: 'Generation not found' },
  idempotency_key_reused: { status: 422, title: 'Idempotency key already used' },
  paused: { status: 409, title: 'Submissions paused' },
  two_bills_possible: { status: 409, title: 'Two bills are possible' },
  held_after_restore: { status: 409, title: 'On hold after a restore' },
  job_not_found: { status: 422, title: 'Job not found at the upstream' },
  no_upstream: { status: 422, title: 'No suitable upstream' },
  over_max_cost: { status: 422, title: 'Cost limit exceeded' },
  url_forbidden: { status: 422, title: 'URL not allowed' },
  url_unreachable: { status: 422, title: 'URL not reachable' },
  not_media: { status: 422, title: 'Unsupported media file' },
  rate_limited: { status: 429, title: 'Rate limit exceeded', retryAfterSeconds: 5 },
  too_many_in_flight: { status: 429, title: 'Too many generations in flight', retryAfterSeconds: 5 },
  headers_too_large: { status: 431, title: 'Request headers too large' },
  internal: { status: 500, title: 'Internal error' },
  overloaded: { status: 503, title: 'Gateway overloaded', retryAfterSeconds: 5 },
  storage_unavailable: { status: 503, title: 'Storage unavailable', retryAfterSeconds: 5 },
  storage_full: { status: 507, title: 'Storage full' },
}

/** A problem as RFC 9457 members; `extra` may add members but not replace one of these. */
export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  request_id: string
  errors?: FieldFault[]
  [extra: string]: unknown
}

/** The default pointer of a problem without field errors. The empty pointer is the whole body. */
const usualPointers: Partial<Record<ProblemCode, string>> = {
  unauthorized: '#/headers/authorization',
  cross_site: '#/headers/origin',
  range_not_satisfiable: '#/headers/range',
  unsupported_media_type: '#/headers/content-type',
  not_acceptable: '#/headers/accept',
  malformed_body: '',
  payload_too_large: '',
}

/** The member `type`: a path of this gateway with a page about the code. A full path, as RFC 9457 §3.1.1 asks of relative ones. */
export function problemType(code: ProblemCode): string {
  return `/problems/${code}`
}

export function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const { status, title } = problemKinds[problem.code]
  const usual = usualPointers[problem.code]
  const unsaid = usual === undefined ? [] : [{ pointer: usual, detail: problem.message }]
  const errors = problem.faults.length > 0 ? problem.faults : unsaid
  return {
    ...problem.extra,
    type: problemType(problem.code),
    title,
    status,
    detail: problem.message,
    code: problem.code,
    request_id: requestId,
    ...(errors.length > 0 && { errors }),
  }
}

/** Errors of Fastify and its plugins that are caused by the caller. Their messages are fixed and contain no internals. */
const frameworkCodes: Record<string, ProblemCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_REQ_FILE_TOO_LARGE: 'payload_too_large',
  FST_PARTS_LIMIT: 'payload_too_large',
  FST_FILES_LIMIT: 'payload_too_large',
  FST_FIELDS_LIMIT: 'payload_too_large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_body',
  FST_INVALID_JSON_FIELD_ERROR: 'malformed_body',
  FST_PROTO_VIOLATION: 'malformed_body',
  FST_MP_PREMATURE_CLOSE: 'malformed_body',
  ECONNRESET: 'malformed_body',
  // The store's own: a full disk, a full queue, shutting down.
  disk_full: 'storage_full',
  busy: 'overloaded',
  closed: 'overloaded',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
}

const unreachable =
  'The database does not respond. Repeat the request later, with the same Idempotency-Key where it has one.'
const unanswered =
  'The database stopped responding while the request was stored, so it may have been accepted. Repeat it with the same Idempotency-Key; without one, look first at what exists.'

/** Converts any error into a problem. Unknown errors become `internal`, with the original in `cause`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof MediaUnavailableError) {
    const detail = 'The media storage does not respond. Repeat the request later.'
    return new Problem('storage_unavailable', detail, { cause: error })
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    // The error names the address of the server, which is not for callers.
    if (error.code === 'unreachable')
      return new Problem('storage_unavailable', mayBeWritten(error) ? unanswered : unreachable, {
        cause: error,
      })
    const code = frameworkCodes[error.code]
    if (code !== undefined) return new Problem(code, error.message, { cause: error })
  }
  return new Problem('internal', 'An internal error occurred. Search the gateway log for the request ID.', {
    cause: error,
  })
}
