import { sql, type Kysely } from 'kysely'
import { openEnd } from '../../../domain/attempts/slot.ts'
import { number, text } from './columns.ts'
import type { Totals } from './totals-tables.ts'

/** The slots of upstreams that are taken, and until when, as a running total: see `Totals`. */
export const slotTotals: Totals = {
  table: 'slots_taken',
  groups: { upstream: text, slot_until: number },
  sums: ['taken'],
  readBy: ['upstream', 'slot_until'],
}

/** A job may outlast the record of its generation, but nothing would ever end a slot without an end. */
const takesSlot = (row: string) =>
  `(${row}.slot_until is not null and (${row}.generation_id is not null or ${row}.slot_until < ${openEnd}))`

const statements = [
  `create table slots_taken (
    upstream ${text} not null,
    slot_until ${number} not null,
    taken ${number} not null,
    merged boolean default false not null
  ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000)`,
  `create index slots_taken_by_group on slots_taken (upstream, slot_until)`,
  `create index slots_taken_not_merged on slots_taken (merged) where not merged`,
  `create unique index slots_taken_merged on slots_taken (upstream, slot_until) where merged`,
  // A plain scan of the index marks the entries of rows that were merged, and the next one skips them; no other kind of scan does.
  `create function count_slots(at bigint, which text default null) returns table (upstream text, taken bigint)
    language plpgsql stable set enable_seqscan = off set enable_bitmapscan = off as $$
  begin
    if which is null then return query
      select s.upstream, sum(s.taken)::bigint from slots_taken s where s.slot_until > at group by s.upstream;
    else return query
      select s.upstream, sum(s.taken)::bigint from slots_taken s
        where s.upstream = which and s.slot_until > at group by s.upstream;
    end if;
  end $$`,
  `create function count_slot() returns trigger language plpgsql as $$
  begin
    if tg_op <> 'INSERT' and ${takesSlot('old')} then
      insert into slots_taken (upstream, slot_until, taken) values (old.upstream, old.slot_until, -1);
    end if;
    if tg_op <> 'DELETE' and ${takesSlot('new')} then
      insert into slots_taken (upstream, slot_until, taken) values (new.upstream, new.slot_until, 1);
    end if;
    return null;
  end $$`,
  `create trigger slots_begun after insert on attempts for each row
    when (new.slot_until is not null) execute function count_slot()`,
  `create trigger slots_changed after update of slot_until, generation_id on attempts for each row
    when ((old.slot_until, old.generation_id) is distinct from (new.slot_until, new.generation_id)
      and (old.slot_until is not null or new.slot_until is not null)) execute function count_slot()`,
  `create trigger slots_removed after delete on attempts for each row
    when (old.slot_until is not null) execute function count_slot()`,
  // The triggers hold back every other writer of attempts until the commit, so that none is missed here.
  `insert into slots_taken (upstream, slot_until, taken, merged)
    select upstream, slot_until, count(*), true from attempts a where ${takesSlot('a')} group by upstream, slot_until`,
]

/** Releases that count the attempts themselves may run beside it: the triggers count what they do. */
export async function countSlotsTaken(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
