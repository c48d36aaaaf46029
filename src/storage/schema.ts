/**
 * The tables as both engines have them. Instants are ms since the epoch, money is micro-dollars, `doc`, `data` and
 * `operation` are JSON text. Values that come out are parsed again where they are read.
 */
export interface Schema {
  generations: GenerationsTable
  attempts: AttemptsTable
  events: EventsTable
  idempotency: IdempotencyTable
  characters: CharactersTable
  bindings: BindingsTable
  generation_characters: GenerationCharactersTable
  comparisons: ComparisonsTable
  comparison_scores: ComparisonScoresTable
}

/** `doc` is the generation; the other columns are what queries need of it. */
export interface GenerationsTable {
  id: string
  tenant: string
  key: string
  status: string
  created_at: number
  due_at: number | null
  lease_owner: string | null
  lease_until: number | null
  version: number
  /** How many records its log has. */
  last_seq: number
  /** What it may cost beyond its attempts while it is unfinished. */
  headroom_micros: number
  /** By which its record in `idempotency` is found when it is removed. */
  idempotency_key: string | null
  /** When its video came into the archive; null when it has none, or no longer. */
  video_at: number | null
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
  /** 1 where its video is the one that the caller got. */
  delivered: number
  failure_code: string | null
  started_at: number
  accepted_at: number | null
  ended_at: number | null
}

/** `seq` counts from 1 without gaps in each generation. */
export interface EventsTable {
  generation_id: string
  seq: number
  type: string
  at: number
  data: string
}

/** `key` is the caller's idempotency key; `response` is the JSON text that was answered. */
export interface IdempotencyTable {
  tenant: string
  key: string
  request_hash: string
  response: string
  generation_id: string
  created_at: number
}

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
  updated_at: number
}

/** Which characters each generation uses; a character that was deleted since is still named here. */
export interface GenerationCharactersTable {
  character_id: string
  generation_id: string
}

/** While `due_at` lies ahead nobody takes it up: it is in hand, or has nothing to do yet. */
export interface ComparisonsTable {
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
