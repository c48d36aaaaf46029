/**
 * `key` is the caller's idempotency key. `response` is the JSON text of the response, empty after its generation was
 * removed.
 */
export interface IdempotencyTable {
  tenant: string
  key: string
  request_hash: string
  response: string
  generation_id: string
  created_at: number
}

/** `subject` is the id of the object that the call creates. */
export interface CallsTable {
  tenant: string
  key_hash: string
  request_hash: string
  subject: string
  at: number
  /** 1 once the result of the call is stored. */
  made: number
}

/**
 * `path` is the path of the request without its query. `answered_retry` is the number of the last retry that got this
 * response; 0 before any.
 */
export interface RecentCreatesTable {
  generation_id: string
  tenant: string
  key: string
  path: string
  request_hash: string
  created_at: number
  answered_retry: number
}

/** `target` is the ID of an upstream, or `*`. `until` is null without an end. */
export interface SubmissionPausesTable {
  target: string
  reason: string
  since: number
  until: number | null
  by: string
}
