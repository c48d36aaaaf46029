/** The keys made through the API; `doc` has the rest. Of those that are not revoked no two have the same name. */
export interface KeysTable {
  id: string
  name: string
  revoked_at: number | null
  doc: string
}

/** Rows are added and never changed. Of rows with the same `once` there is only the first. */
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
