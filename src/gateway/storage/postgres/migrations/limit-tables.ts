import { sql, type Kysely } from 'kysely'

/**
 * What nodes count together. The tables are not logged, so that counting waits for no disk: after a crash of the server, and on
 * a promoted standby, they are empty, and each upstream may get one burst and each key one minute more.
 */
const statements = [
  // A function of its own, so that tests can hold the clock that all nodes go by.
  `create function database_ms() returns double precision language sql volatile as $$
    select extract(epoch from clock_timestamp())::double precision * 1000 $$`,
  `create unlogged table call_rates (name text primary key, slot double precision not null) with (fillfactor = 50)`,
  `create unlogged table request_counts (
    name text primary key,
    started double precision not null,
    counted bigint not null
  ) with (fillfactor = 50)`,
  // The rule is `admit` of the domain. The clock is read under the lock of the row, so that waiting for it takes no slot.
  `create function admit_calls(which text, wanted integer, interval_ms double precision, burst integer,
    out admitted integer, out wait_ms double precision) language plpgsql as $$
    declare
      at double precision;
      arrival double precision;
    begin
      insert into call_rates (name, slot) values (which, 0) on conflict (name) do nothing;
      select slot into arrival from call_rates where name = which for update;
      at := database_ms();
      arrival := case when arrival > at + interval_ms * burst then at else greatest(arrival, at) end;
      admitted := 0;
      while admitted < wanted and arrival - interval_ms * (burst - 1) <= at loop
        arrival := arrival + interval_ms;
        admitted := admitted + 1;
      end loop;
      if admitted > 0 then
        update call_rates set slot = arrival where name = which;
      end if;
      wait_ms := greatest(0, arrival - interval_ms * (burst - 1) - at);
    end $$`,
  `create function count_requests(which text, added integer, window_ms double precision,
    out total bigint, out left_ms double precision) language plpgsql as $$
    declare
      at double precision := database_ms();
    begin
      insert into request_counts as known (name, started, counted) values (which, at, added)
      on conflict (name) do update set
        started = case when abs(at - known.started) >= window_ms then at else known.started end,
        counted = case when abs(at - known.started) >= window_ms then added else known.counted + added end
      returning counted, started + window_ms - at into total, left_ms;
    end $$`,
]

export async function createLimitTables(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
