import { number, text } from './columns.ts'

/** Characters, comparisons, series, and the outbox of webhooks. */
export const documentTables = [
  `create table characters (
    id ${text} primary key,
    tenant ${text} not null,
    name ${text} not null,
    search_text ${text} not null,
    doc ${text} not null,
    constraint characters_name unique (tenant, name)
  )`,
  `create index characters_by_name on characters (name)`,
  `create index characters_by_tenant on characters (tenant, id)`,
  `create table bindings (
    character_id ${text} not null references characters (id) on delete cascade,
    upstream ${text} not null,
    state ${text} not null,
    step ${text},
    handle ${text},
    operation ${text} not null,
    span ${text},
    failure ${text},
    failure_code ${text},
    retry_at ${number},
    orphans ${number} default 0 not null,
    lease_owner ${text},
    lease_until ${number},
    sent_at ${number},
    silence ${number} default 0 not null,
    crash_points ${number} default 0 not null,
    updated_at ${number} not null,
    asked_by ${text},
    creations ${number} default 0 not null,
    origin ${text},
    credential ${text},
    constraint bindings_pkey primary key (character_id, upstream)
  )`,
  `create index bindings_due on bindings (lease_until) where state = 'pending'`,
  `create table comparisons (
    id ${text} primary key,
    tenant ${text} not null,
    due_at ${number},
    version ${number} not null,
    in_hand ${number} default 0 not null,
    crash_points ${number} default 0 not null,
    doc ${text} not null
  )`,
  `create index comparisons_by_tenant on comparisons (tenant, id)`,
  `create index comparisons_due on comparisons (due_at) where due_at is not null`,
  `create table comparison_scores (
    comparison_id ${text} not null references comparisons (id) on delete cascade,
    generation_id ${text} not null,
    rater ${text} not null,
    face double precision not null,
    clothing double precision not null,
    style double precision not null,
    at ${number} not null,
    constraint comparison_scores_pkey primary key (comparison_id, generation_id, rater)
  )`,
  `create table series (
    id ${text} primary key,
    tenant ${text} not null,
    status ${text} not null,
    due_at ${number},
    version ${number} not null,
    in_hand ${number} not null,
    crash_points ${number} not null,
    doc ${text} not null,
    requests ${text} not null
  )`,
  `create index series_by_status on series (tenant, status, id)`,
  `create index series_by_tenant on series (tenant, id)`,
  `create index series_due on series (due_at) where due_at is not null`,
  `create table series_events (
    series_id ${text} not null references series (id) on delete cascade,
    seq ${number} not null,
    type ${text} not null,
    at ${number} not null,
    data ${text} not null,
    constraint series_events_pkey primary key (series_id, seq)
  )`,
  `create table deliveries (
    id ${text} primary key,
    tenant ${text} not null,
    generation_id ${text} references generations (id) on delete cascade,
    series_id ${text} references series (id) on delete cascade,
    seq ${number} not null,
    url ${text} not null,
    destination ${text} not null,
    type ${text} not null,
    at ${number} not null,
    status ${text} not null,
    state ${text} not null,
    tries ${text} not null,
    failures ${number} not null,
    due_at ${number},
    expires_at ${number} not null,
    format ${text} default 'understudy' not null,
    lease_owner ${text},
    lease_until ${number},
    constraint deliveries_in_order unique (generation_id, seq),
    constraint deliveries_of_series unique (series_id, seq)
  ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`,
  `create index deliveries_due on deliveries (due_at, tenant, destination) where due_at is not null`,
  ...['failing', 'retrying'].flatMap((name) => {
    const retrying = `state = 'pending' and failures > 0`
    const condition = name === 'retrying' ? retrying : `(state in ('failed', 'disabled') or (${retrying}))`
    return [
      `create index deliveries_${name} on deliveries (id) where ${condition}`,
      `create index deliveries_${name}_of_tenant on deliveries (tenant, id) where ${condition}`,
    ]
  }),
  `create table webhook_secrets (
    id ${text} primary key,
    tenant ${text} not null,
    created_at ${number} not null,
    expires_at ${number}
  )`,
  `create index webhook_secrets_by_tenant on webhook_secrets (tenant, id)`,
]
