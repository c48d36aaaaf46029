/** One log record to be sent to a webhook. `destination` is the origin of `url`. `due_at` is null unless pending. */
export interface DeliveriesTable {
  id: string
  tenant: string
  /** Null for a delivery about a series. */
  generation_id: string | null
  series_id: string | null
  seq: number
  url: string
  destination: string
  type: string
  at: number
  status: string
  state: string
  tries: string
  failures: number
  due_at: number | null
  expires_at: number
  /** The format of the payload. */
  format: string
  lease_owner: string | null
  lease_until: number | null
}

/** Secrets are not stored: each is derived from its id and the secret of this installation. */
export interface WebhookSecretsTable {
  id: string
  tenant: string
  created_at: number
  expires_at: number | null
}
