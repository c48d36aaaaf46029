import { sql, type Kysely } from 'kysely'
import { number, text } from './columns.ts'

const changed = ['due_at', 'due_pool', 'expires_at', 'lease_owner', 'lease_until']
const differs = changed.map((name) => `old.${name} is distinct from new.${name}`).join(' or ')
const from = (row: string) => `${row}.id, ${row}.due_pool, ${row}.lease_owner is not null,
  greatest(${row}.due_at, ${row}.lease_until), greatest(${row}.expires_at, ${row}.lease_until)`
const columns = 'generation_id, pool, leased, due_at, expires_at'

/**
 * From when on each generation may be claimed: once it is due, and not before its lease ends. What is leased lies apart, so nobody
 * walks past it. A claim changes one short row here and two indexes; in `generations` it stays within the page of its row, as no
 * index there has the lease.
 */
const statements = [
  `create table schedule (
    generation_id ${text} primary key,
    pool ${text} not null,
    leased boolean not null,
    due_at ${number} not null,
    expires_at ${number}
  ) with (vacuum_truncate = false, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)`,
  // No plan can scan the table for the row, as one that was made while it was nearly empty would.
  `create function keep_schedule() returns trigger language plpgsql as $$
    begin
      insert into schedule (${columns}) values (${from('new')})
        on conflict (generation_id) do update set (${columns}) = row(excluded.*);
      return null;
    end $$`,
  `create function leave_schedule() returns trigger language plpgsql set enable_seqscan = off as $$
    begin
      delete from schedule where generation_id = old.id;
      return null;
    end $$`,
  // Releases that do not know this table write `generations` as before. From here on they wait until the rows are copied.
  `create trigger schedule_added after insert on generations
    for each row when (new.due_at is not null) execute function keep_schedule()`,
  `create trigger schedule_changed after update on generations
    for each row when (new.due_at is not null and (${differs})) execute function keep_schedule()`,
  `create trigger schedule_ended after update on generations
    for each row when (old.due_at is not null and new.due_at is null) execute function leave_schedule()`,
  `create trigger schedule_removed after delete on generations
    for each row when (old.due_at is not null) execute function leave_schedule()`,
  `insert into schedule (${columns}) select ${from('generations')} from generations where due_at is not null`,
  `create index schedule_due on schedule (pool, leased, due_at)`,
  `create index schedule_expiring on schedule (leased, expires_at) where expires_at is not null`,
]

export async function createSchedule(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
