import type {
  KeyMonthsTable,
  KeyOpenTable,
  TotalsCheckTable,
  UsageDaysTable,
  UsagePathPartsTable,
  UsagePathsTable,
} from './migrations/totals/totals-schema.ts'

/**
 * The tables as both engines have them. Instants are ms since the epoch, money is micro-dollars, `doc`, `data` and
 * `operation` are JSON text. Values that come out are parsed again where they are read.
 */
export interface Schema {
  generations: GenerationsTable
  attempts: AttemptsTable
  events: EventsTable
  idempotency: IdempotencyTable
  key_open: KeyOpenTable
  key_months: KeyMonthsTable
  usage_days: UsageDaysTable
  usage_paths: UsagePathsTable
  usage_path_parts: UsagePathPartsTable
  totals_check: TotalsCheckTable
  recent_creates: RecentCreatesTable
  calls: CallsTable
  characters: CharactersTable
  bindings: BindingsTable
  keys: KeysTable
  audit: AuditTable
  generation_characters: GenerationCharactersTable
  comparisons: ComparisonsTable
  comparison_scores: ComparisonScoresTable
  deliveries: DeliveriesTable
  webhook_secrets: WebhookSecretsTable
  installation: InstallationTable
  exchanges: ExchangesTable
}

/**
 * `held_since`: ms since the epoch, while what a restore would send is held. `search:` and the id of an upstream: what it made
 * since the copy, as JSON.
 */
export interface InstallationTable {
  name: string
  value: string
}

/** `doc` is the generation; the other columns are what queries need of it. */
export interface GenerationsTable {
  id: string
  tenant: string
  key: string
  status: string
  created_at: number
  due_at: number | null
  /** What `due_at` waits for: one kind of step at one upstream, or `local`. */
  due_lane: string
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
  /** By which its record in `idempotency` is found when it is removed. */
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
  /** What the vendor itself says that it cost; null when it does not say. */
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

/** `key` is the caller's idempotency key; `response` is the JSON text that was answered. */
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

/** `path` is of the request, without its query; `answered_retry` the last retry that was answered with it, 0 before any. */
export interface RecentCreatesTable {
  generation_id: string
  tenant: string
  key: string
  path: string
  request_hash: string
  created_at: number
  answered_retry: number
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
  /** The account that it was made at. */
  origin: string | null
  credential: string | null
}

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

/** Which characters each generation uses; a character that was deleted since is still named here. */
export interface GenerationCharactersTable {
  character_id: string
  generation_id: string
}

/** While `due_at` lies ahead nobody takes it up: it is in hand, or has nothing to do yet. */
export interface ComparisonsTable {
  /** 1 while a process has it in hand; what the ends of such processes count. */
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

/** One log record on its way to a webhook. `destination` is the origin of `url`; `due_at` is null unless pending. */
export interface DeliveriesTable {
  id: string
  tenant: string
  generation_id: string
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
  /** How the message is written. */
  format: string
  lease_owner: string | null
  lease_until: number | null
}

/** The secrets themselves are not stored: each follows from its id and the secret of this installation. */
export interface WebhookSecretsTable {
  id: string
  tenant: string
  created_at: number
  expires_at: number | null
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
