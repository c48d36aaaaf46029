/** `search_text` is the lower-cased name and description. */
export interface CharactersTable {
  id: string
  tenant: string
  name: string
  search_text: string
  doc: string
}

/** A pending binding is held by `lease_owner` until `lease_until`. `span` is JSON text. */
export interface BindingsTable {
  character_id: string
  upstream: string
  state: string
  step: string | null
  handle: string | null
  operation: string
  span: string | null
  failure: string | null
  failure_code: string | null
  retry_at: number | null
  orphans: number
  lease_owner: string | null
  lease_until: number | null
  sent_at: number | null
  silence: number
  crash_points: number
  updated_at: number
  asked_by: string | null
  creations: number
  /** The account that the binding was created with. */
  origin: string | null
  credential: string | null
}

/** A row with a future `due_at` is not claimed: it is leased, or has nothing to do yet. */
export interface ComparisonsTable {
  /** `in_hand`: 1 while a process is working on the row. `crash_points`: counts the crashes meanwhile. */
  in_hand: number
  crash_points: number
  id: string
  tenant: string
  due_at: number | null
  version: number
  doc: string
}

export interface ComparisonScoresTable {
  comparison_id: string
  generation_id: string
  rater: string
  face: number
  clothing: number
  style: number
  at: number
}
