/** `doc` is the generation; the other columns are the fields that queries need. */
export interface GenerationsTable {
  id: string
  tenant: string
  key: string
  status: string
  created_at: number
  due_at: number | null
  /** What the generation waits for: one kind of step at one upstream, or `local`. */
  due_pool: string
  /**
   * When its deadline is due regardless of what it waits for. Null while a response is needed first, or once it is
   * over.
   */
  expires_at: number | null
  lease_owner: string | null
  lease_until: number | null
  /**
   * `crash_points`: counts the processes that ended while they worked on it. `crash_owner`: the last one; null once
   * handled.
   */
  crash_points: number
  crashed_by: string | null
  version: number
  /** The number of records in its log. */
  last_seq: number
  /** What it may cost beyond its attempts while it is unfinished. */
  headroom_micros: number
  /** To empty its record in `idempotency` when it is removed. */
  idempotency_key: string | null
  /** When its video was archived; null if it has none, or not any more. */
  video_at: number | null
  /** The code of its error; null if it has none. */
  error: string | null
  /** From when on a person is needed, if nothing changes. Null: never. */
  attention_at: number | null
  /** 1 once it is included in the running totals. */
  counted: number
  doc: string
}

/**
 * For counting money and slots. The attempts of a removed generation stay, with a null `generation_id`: their cost
 * stays spent, and their jobs stay ours.
 */
export interface AttemptsTable {
  id: string
  generation_id: string | null
  /** The same id, kept after the generation is removed. */
  generation: string
  tenant: string
  key: string
  upstream: string
  kind: string
  /** The gateway's model id. */
  model: string
  /** JSON list of `{id, name}`, sorted by id. */
  characters: string
  state: string
  upstream_id: string | null
  reserved_micros: number
  cost_micros: number
  cost_state: string
  /** Prices of the same video elsewhere; null if they were not stored. */
  cheapest_micros: number | null
  official_micros: number | null
  /** The cost that the vendor reports; null if it reports none. */
  vendor_micros: number | null
  /** The cost by the price list, where `cost_micros` is the vendor's; else null. */
  list_micros: number | null
  /** 1 once the vendor's cost was copied from the generation. */
  vendor_read: number
  /** 1 if the caller received this attempt's video. */
  delivered: number
  failure_code: string | null
  started_at: number
  /** When its create was sent; null before that, and on attempts of before it was kept. */
  submitted_at: number | null
  accepted_at: number | null
  ended_at: number | null
  /** How long its parts took, in ms and rounded (see `roundedMs`); null for a part that did not end, or was not kept. */
  queue_ms: number | null
  render_ms: number | null
  download_ms: number | null
  /** Until when it takes up a slot of its upstream (see `slotUntil`); null: it takes none. */
  slot_until: number | null
  /** 1 once it is included in the running totals. */
  counted: number
}

/** `seq` counts from 1 without gaps in each generation. */
export interface EventsTable {
  generation_id: string
  seq: number
  type: string
  at: number
  data: string
}

/**
 * Responses of an upstream about an attempt. Those of one step have the same `step`; `seq` increases within the
 * attempt.
 */
export interface ExchangesTable {
  attempt_id: string
  seq: number
  step: number
  generation_id: string
  at: number
  operation: string
  repeated: number
  doc: string
}

/** The metadata of each generation. */
export interface GenerationLabelsTable {
  name: string
  value: string
  generation_id: string
}

/** The characters of each generation, including characters that were deleted since. */
export interface GenerationCharactersTable {
  character_id: string
  generation_id: string
}
