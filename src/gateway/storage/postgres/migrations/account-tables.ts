import { number, text } from './columns.ts'

export const accountTables = [
  `create table keys (id ${text} primary key, name ${text} not null, revoked_at ${number}, doc ${text} not null)`,
  `create unique index keys_by_name on keys (name) where revoked_at is null`,
  `create table key_uses (key_id ${text} primary key, used_at ${number} not null) with (fillfactor = 70)`,
  `create table sessions (
    id ${text} primary key,
    token_hash ${text} not null unique,
    lock ${text} not null,
    key_id ${text} not null,
    tenant ${text} not null,
    key ${text} not null,
    address ${text} not null,
    user_agent ${text},
    created_at ${number} not null,
    expires_at ${number} not null,
    used_at ${number} not null,
    ended_at ${number}
  )`,
  `create index sessions_by_expiry on sessions (expires_at)`,
  `create index sessions_by_key on sessions (key_id, used_at)`,
  `create table tenant_budgets (tenant ${text} primary key, monthly_budget_micros ${number} not null)`,
  `create table audit (
    id ${text} primary key,
    at ${number} not null,
    action ${text} not null,
    tenant ${text},
    key ${text},
    key_id ${text},
    address ${text},
    request_id ${text},
    subject ${text},
    data ${text} not null,
    once ${text}
  )`,
  `create index audit_by_action on audit (action, id)`,
  `create index audit_by_key on audit (key, id)`,
  `create index audit_by_subject on audit (subject, id)`,
  `create index audit_by_tenant on audit (tenant, id)`,
  `create index audit_by_time on audit (at)`,
  `create unique index audit_once on audit (once) where once is not null`,
  `create table idempotency (
    tenant ${text} not null,
    key ${text} not null,
    request_hash ${text} not null,
    response ${text} not null,
    generation_id ${text} not null,
    created_at ${number} not null,
    constraint idempotency_pkey primary key (tenant, key)
  )`,
  `create index idempotency_by_age on idempotency (created_at)`,
  `create table calls (
    tenant ${text} not null,
    key_hash ${text} not null,
    request_hash ${text} not null,
    subject ${text} not null,
    at ${number} not null,
    made ${number} default 1 not null,
    constraint calls_by_key primary key (tenant, key_hash)
  )`,
  `create index calls_by_time on calls (at)`,
  `create table recent_creates (
    generation_id ${text} primary key,
    tenant ${text} not null,
    key ${text} not null,
    path ${text} not null,
    request_hash ${text} not null,
    created_at ${number} not null,
    answered_retry ${number} not null
  )`,
  `create index recent_creates_by_request on recent_creates (tenant, key, request_hash, created_at)`,
  `create index recent_creates_by_time on recent_creates (created_at)`,
  `create table submission_pauses (
    target ${text} primary key,
    reason ${text} not null,
    since ${number} not null,
    until ${number},
    by ${text} not null
  )`,
  `create table installation (name ${text} primary key, value ${text} not null)`,
]
