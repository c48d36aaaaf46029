import { number, text } from './columns.ts'

/** The ledger. Its indexes are those of SQLite, without those of rows that are not counted: all are. */
export const attemptTables = [
  `create table attempts (
    id ${text} primary key,
    generation_id ${text} references generations (id) on delete set null,
    generation ${text} not null,
    tenant ${text} not null,
    key ${text} not null,
    upstream ${text} not null,
    kind ${text} not null,
    model ${text} not null,
    characters ${text} default '[]' not null,
    state ${text} not null,
    upstream_id ${text},
    reserved_micros ${number} not null,
    cost_micros ${number} not null,
    cost_state ${text} not null,
    cheapest_micros ${number},
    official_micros ${number},
    vendor_micros ${number},
    list_micros ${number},
    vendor_read ${number} default 1 not null,
    delivered ${number} default 0 not null,
    failure_code ${text},
    started_at ${number} not null,
    submitted_at ${number},
    accepted_at ${number},
    ended_at ${number},
    queue_ms ${number},
    render_ms ${number},
    download_ms ${number},
    slot_until ${number},
    counted ${number} default 1 not null
  ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)`,
  `create index attempts_by_end on attempts (upstream, ended_at)`,
  `create index attempts_by_failure on attempts (failure_code, generation_id) where failure_code is not null`,
  `create index attempts_by_generation on attempts (generation_id)`,
  `create index attempts_by_job on attempts (upstream, upstream_id) where upstream_id is not null`,
  `create index attempts_by_key on attempts (tenant, key, started_at)`,
  `create index attempts_by_start on attempts (started_at)`,
  `create index attempts_by_state on attempts (state, generation_id)`,
  `create index attempts_by_upstream on attempts (upstream, generation_id)`,
  `create index attempts_ended on attempts (ended_at) where ended_at is not null`,
  `create index attempts_finished on attempts (upstream, ended_at) where state in ('succeeded', 'failed')
    and coalesce(failure_code, '') not in ('refused', 'invalid', 'character_invalid', 'cancelled')`,
  `create index attempts_left on attempts (started_at)
    where generation_id is null and cost_state = 'settled' and state in ('succeeded', 'failed')`,
  `create index attempts_live on attempts (upstream, id)
    where state in ('binding', 'submitting', 'unknown', 'running') and generation_id is not null`,
  `create index attempts_not_taken on attempts (upstream, id) where state = 'failed' and failure_code = 'not_taken'`,
  `create index attempts_of_generation on attempts (generation)`,
  `create index attempts_reserved on attempts (reserved_micros) where cost_state = 'reserved'`,
  `create index attempts_slots on attempts (upstream, slot_until) where slot_until is not null`,
  `create index attempts_sent on attempts (upstream, coalesce(submitted_at, accepted_at))
    where coalesce(submitted_at, accepted_at) is not null`,
]
