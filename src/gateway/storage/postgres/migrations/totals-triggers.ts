import { committedMicros, usageFigures } from './totals-tables.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const words = 'tenant, key, upstream, kind, model, characters'
const group = 'new.tenant, new.key, new.upstream, new.kind, new.model, new.characters'
const figures = Object.keys(usageFigures('new'))

/** What an attempt adds to its sums, or what changed of it. */
function addToSums(change: (now: string, then: string) => string): string {
  const now = usageFigures('new')
  const then = usageFigures('old')
  const amounts = figures.map((name) => change(now[name] ?? '0', then[name] ?? '0'))
  return `
    insert into usage_days (day, ${words}, ${figures.join(', ')})
      values (new.started_at / ${dayMs}, ${group}, ${amounts.join(',\n        ')});
    insert into key_months (tenant, key, month, micros)
      values (new.tenant, new.key, month_start(new.started_at), ${change(committedMicros('new'), committedMicros('old'))});`
}

/** Where and when the attempts of a generation were. Generations with the same path are counted together. */
const path = (condition: string) => `(select string_agg(part, '|' order by part) from (
      select distinct (a.started_at / ${dayMs})::text || ',' || a.upstream || ',' || a.kind as part
      from attempts a where a.generation = new.generation ${condition}) parts)`

/** Attempts of one generation follow one another: whoever adds one has written the row of the generation before. */
const moveOnPath = `
    path_before := ${path('and a.id <> new.id')};
    path_now := ${path('')};
    insert into usage_paths (path, tenant, key, model, characters, generations)
      select moved.path, new.tenant, new.key, new.model, new.characters, moved.generations
      from (values (path_before, -1), (path_now, 1)) as moved (path, generations) where moved.path is not null;
    insert into usage_path_parts (day, path, upstream, kind)
      select distinct a.started_at / ${dayMs}, path_now, a.upstream, a.kind
      from attempts a where a.generation = new.generation and not exists (
        select 1 from usage_path_parts p where p.day = a.started_at / ${dayMs} and md5(p.path) = md5(path_now)
        and p.upstream = a.upstream and p.kind = a.kind);`

const phases = [
  ['queue', 'queue_ms', 'submitted_at'],
  ['render', 'render_ms', 'ended_at'],
  ['download', 'download_ms', 'ended_at'],
] as const

const timesOf = (row: string, attempts: number) =>
  phases.map(
    ([phase, ms, at]) =>
      `select ${row}.upstream as upstream, ${row}.${at} / ${hourMs} as hour, '${phase}' as phase, ${row}.${ms} as ms, ${attempts} as attempts`,
  )

const addTimes = (rows: string[]) => `
    insert into attempt_times (upstream, hour, phase, ms, attempts)
      select upstream, hour, phase, ms, sum(attempts) from (${rows.join(' union all ')}) changed
      where ms is not null and hour is not null group by upstream, hour, phase, ms having sum(attempts) <> 0;`

const differs = (columns: readonly string[]) =>
  `(${columns.map((name) => `old.${name}`).join(', ')}) is distinct from (${columns.map((name) => `new.${name}`).join(', ')})`

const moneyColumns = [
  'state',
  'reserved_micros',
  'cost_micros',
  'cost_state',
  'delivered',
  'vendor_micros',
  'list_micros',
]
const timeColumns = [...new Set(phases.flatMap(([, ms, at]) => [ms, at]))]

const isOpen = (row: string) => `(${row}.status in ('queued', 'in_progress'))`
const openMicros = (row: string) => `(case when ${isOpen(row)} then ${row}.headroom_micros else 0 end)`

/** Every change of a row changes the totals in its transaction, whatever statement it comes from. None waits for another. */
export const totalsTriggers = [
  `create function count_attempt() returns trigger language plpgsql as $$
  declare path_before text; path_now text;
  begin
    ${addToSums((now) => now)} ${moveOnPath}
    ${addTimes(timesOf('new', 1))}
    return null;
  end $$`,
  `create trigger attempts_added after insert on attempts for each row execute function count_attempt()`,
  `create function count_attempt_change() returns trigger language plpgsql as $$
  begin
    if ${differs(moneyColumns)} then ${addToSums((now, then) => `(${now}) - (${then})`)}
    end if;
    if ${differs(timeColumns)} then ${addTimes([...timesOf('old', -1), ...timesOf('new', 1)])}
    end if;
    return null;
  end $$`,
  `create trigger attempts_changed after update on attempts for each row
    when (${differs([...moneyColumns, ...timeColumns])}) execute function count_attempt_change()`,
  // The insert of a generation is a reservation, which is conditional, and not made here.
  `create function count_open() returns trigger language plpgsql as $$
  begin
    insert into key_open (tenant, key, generations, micros) values (old.tenant, old.key,
      case when tg_op = 'DELETE' then 0 else ${isOpen('new')}::int end - ${isOpen('old')}::int,
      case when tg_op = 'DELETE' then 0 else ${openMicros('new')} end - ${openMicros('old')});
    return null;
  end $$`,
  `create trigger generations_changed after update of status, headroom_micros on generations for each row
    when (${isOpen('old')} <> ${isOpen('new')} or ${openMicros('old')} <> ${openMicros('new')})
    execute function count_open()`,
  `create trigger generations_removed after delete on generations for each row
    when (${isOpen('old')}) execute function count_open()`,
  `create function keep_audit() returns trigger language plpgsql as $$
  begin
    if tg_op = 'UPDATE' or old.at >= coalesce((
      select extract(epoch from (json_extract(note.data, '$.before'))::timestamptz) * 1000 from audit note
      where note.action = 'audit.entries_removed' order by note.id desc limit 1), 0)
    then raise exception 'the audit log is only added to'; end if;
    return old;
  end $$`,
  `create trigger audit_kept before update or delete on audit for each row execute function keep_audit()`,
]
