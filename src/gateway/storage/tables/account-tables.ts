/** Keys made through the API; `doc` has the remaining fields. Names are unique among keys that are not revoked. */
export interface KeysTable {
  id: string
  name: string
  revoked_at: number | null
  doc: string
}

/** Also of keys that have no row of their own. */
export interface KeyUsesTable {
  key_id: string
  used_at: number
}

/** `lock` tells which secret of the key it was made with; the token is kept as a hash. */
export interface SessionsTable {
  id: string
  token_hash: string
  lock: string
  key_id: string
  tenant: string
  key: string
  address: string
  user_agent: string | null
  created_at: number
  expires_at: number
  used_at: number
  ended_at: number | null
}

/** A tenant without a budget has no row. */
export interface TenantBudgetsTable {
  tenant: string
  monthly_budget_micros: number
}

/** Append-only. Only the first row with the same `once` is stored. */
export interface AuditTable {
  id: string
  at: number
  action: string
  tenant: string | null
  key: string | null
  key_id: string | null
  address: string | null
  request_id: string | null
  subject: string | null
  data: string
  once: string | null
}
