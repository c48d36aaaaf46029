import { number, text } from './columns.ts'

/**
 * A claim writes a new version of its row. The document is longer than `toast_tuple_target` allows and lies outside of the row,
 * so a claim does not copy it. Rows leave room for their next versions; the vacuum comes early because each row dies often.
 */
const hot = `with (fillfactor = 70, toast_tuple_target = 1024, autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)`

export const generationTables = [
  `create table generations (
    id ${text} primary key,
    tenant ${text} not null,
    key ${text} not null,
    status ${text} not null,
    created_at ${number} not null,
    due_at ${number},
    due_pool ${text} default 'local' not null,
    expires_at ${number},
    lease_owner ${text},
    lease_until ${number},
    crash_points ${number} default 0 not null,
    crashed_by ${text},
    version ${number} not null,
    last_seq ${number} not null,
    headroom_micros ${number} not null,
    idempotency_key ${text},
    video_at ${number},
    error ${text},
    attention_at ${number},
    counted ${number} default 1 not null,
    doc ${text} not null
  ) ${hot}`,
  `create index generations_attention on generations (id, attention_at) where attention_at is not null`,
  `create index generations_by_error on generations (error, id) where error is not null`,
  `create index generations_by_key on generations (key, id)`,
  `create index generations_by_state on generations (status, id)`,
  `create index generations_by_status on generations (tenant, status, id)`,
  `create index generations_by_tenant on generations (tenant, id)`,
  `create index generations_crashed on generations (crashed_by) where crashed_by is not null`,
  `create index generations_due_by_pool on generations (due_pool, due_at) where due_at is not null`,
  `create index generations_ended on generations (created_at, id) where due_at is null`,
  `create index generations_expiring on generations (expires_at) where expires_at is not null`,
  `create index generations_unfinished on generations (tenant, key, headroom_micros)
    where status in ('queued', 'in_progress')`,
  `create index generations_video on generations (video_at) where video_at is not null`,
  `create table events (
    generation_id ${text} not null references generations (id) on delete cascade,
    seq ${number} not null,
    type ${text} not null,
    at ${number} not null,
    data ${text} not null,
    constraint events_pkey primary key (generation_id, seq)
  )`,
  `create table exchanges (
    attempt_id ${text} not null,
    seq ${number} not null,
    step ${number} not null,
    generation_id ${text} not null references generations (id) on delete cascade,
    at ${number} not null,
    operation ${text} not null,
    repeated ${number} not null,
    doc ${text} not null,
    constraint exchanges_pkey primary key (attempt_id, seq)
  )`,
  `create index exchanges_by_generation on exchanges (generation_id, at)`,
  `create index exchanges_by_time on exchanges (at)`,
  `create table generation_characters (
    character_id ${text} not null,
    generation_id ${text} not null references generations (id) on delete cascade,
    constraint generation_characters_pkey primary key (character_id, generation_id)
  )`,
  `create index generation_characters_by_generation on generation_characters (generation_id)`,
  `create table generation_labels (
    name ${text} not null,
    value ${text} not null,
    generation_id ${text} not null references generations (id) on delete cascade,
    constraint generation_labels_pkey primary key (name, value, generation_id)
  )`,
  `create index generation_labels_by_generation on generation_labels (generation_id)`,
]
