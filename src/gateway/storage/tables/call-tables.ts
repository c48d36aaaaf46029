/** `key` is the caller's idempotency key; `response` is the JSON text that was answered, empty once its generation was removed. */
export interface IdempotencyTable {
  tenant: string
  key: string
  request_hash: string
  response: string
  generation_id: string
  created_at: number
}

/** `subject` is the id of what the call makes. */
export interface CallsTable {
  tenant: string
  key_hash: string
  request_hash: string
  subject: string
  at: number
  /** 1 once its work is stored. */
  made: number
}

/** `path` is of the request, without its query; `answered_retry` is the last retry that was answered with it; 0 before any. */
export interface RecentCreatesTable {
  generation_id: string
  tenant: string
  key: string
  path: string
  request_hash: string
  created_at: number
  answered_retry: number
}
