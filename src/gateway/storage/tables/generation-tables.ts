/** `doc` is the generation; the other columns are what queries need of it. */
export interface GenerationsTable {
  id: string
  tenant: string
  key: string
  status: string
  created_at: number
  due_at: number | null
  /** What `due_at` waits for: one kind of step at one upstream, or `local`. */
  due_pool: string
  /** When its deadline is due by itself, whatever it waits for; null when it needs an answer first, or no longer counts. */
  expires_at: number | null
  lease_owner: string | null
  lease_until: number | null
  /** What the ends of the process count that it was in hand at, and the owner of the last; null once that was acted upon. */
  crash_points: number
  crashed_by: string | null
  version: number
  /** How many records its log has. */
  last_seq: number
  /** What it may cost beyond its attempts while it is unfinished. */
  headroom_micros: number
  /** By which its record in `idempotency` is emptied when it is removed. */
  idempotency_key: string | null
  /** When its video came into the archive; null when it has none, or no longer. */
  video_at: number | null
  /** 1 once it counts in the running totals. */
  counted: number
  doc: string
}

/**
 * Where money and slots are counted. A removed generation leaves its attempts here without their `generation_id`: what
 * they cost stays spent, and their jobs stay ours.
 */
export interface AttemptsTable {
  id: string
  generation_id: string | null
  /** The same id, which stays when the generation is removed. */
  generation: string
  tenant: string
  key: string
  upstream: string
  kind: string
  /** Our model id. */
  model: string
  /** JSON list of `{id, name}`, by id. */
  characters: string
  state: string
  upstream_id: string | null
  reserved_micros: number
  cost_micros: number
  cost_state: string
  /** Prices of the same work elsewhere; null where they were not kept. */
  cheapest_micros: number | null
  official_micros: number | null
  /** The cost that the vendor reports; null if it reports none. */
  vendor_micros: number | null
  /** 1 once that was taken from the generation. */
  vendor_read: number
  /** 1 where its video is the one that the caller got. */
  delivered: number
  failure_code: string | null
  started_at: number
  accepted_at: number | null
  ended_at: number | null
  /** 1 once it counts in the running totals. */
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

/** What an upstream answered about an attempt. Those of one step have the same `step`; `seq` counts up within the attempt. */
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

/** Which characters each generation uses; a character that was deleted since is still named here. */
export interface GenerationCharactersTable {
  character_id: string
  generation_id: string
}
