const day = 86_400_000
const hour = 3_600_000
const group = 'tenant, key, upstream, kind, model, characters'

const timesOf = (phase: string, at: string): string =>
  `insert into attempt_times (upstream, hour, phase, ms, attempts)
    select upstream, ${at} / ${hour}, '${phase}', ${phase}_ms, count(*) from attempts
    where ${phase}_ms is not null and ${at} is not null group by 1, 2, 3, 4`

/** The running totals and times of a database of which each generation has one attempt, that neither got lost nor was paid in vain. */
export const totalsOfAttempts = [
  ...[
    'usage_days',
    'usage_paths',
    'usage_path_parts',
    'key_months',
    'key_open',
    'attempt_times',
    'totals_check',
    'generation_counts',
  ].map((table) => `delete from ${table}`),
  `insert into usage_days (day, ${group}, attempts, videos, cost_micros, reserved_micros, unknown_micros, unused_micros, premium_micros, official_micros)
    select started_at / ${day}, ${group}, count(*), sum(delivered), sum(case cost_state when 'settled' then cost_micros else 0 end),
      sum(case cost_state when 'settled' then 0 else reserved_micros end), 0,
      sum(case when cost_state = 'settled' and delivered = 0 then cost_micros else 0 end),
      sum(case when cost_state = 'settled' and cost_micros > cheapest_micros then cost_micros - cheapest_micros else 0 end),
      sum(case delivered when 1 then coalesce(official_micros, cost_micros) else 0 end)
    from attempts group by started_at / ${day}, ${group}`,
  `insert into usage_paths (path, tenant, key, model, characters, generations)
    select (started_at / ${day}) || ',' || upstream || ',' || kind as path, tenant, key, model, characters, count(*) from attempts
    group by path, tenant, key, model, characters`,
  `insert into usage_path_parts (day, path, upstream, kind)
    select distinct started_at / ${day}, (started_at / ${day}) || ',' || upstream || ',' || kind, upstream, kind from attempts`,
  `insert into key_months (tenant, key, month, micros)
    select tenant, key, unixepoch(started_at / 1000, 'unixepoch', 'start of month') * 1000 as month,
      sum(case cost_state when 'settled' then cost_micros else reserved_micros end)
    from attempts group by tenant, key, month`,
  `insert into key_open (tenant, key, generations, micros)
    select tenant, key, count(*), sum(headroom_micros) from generations where status in ('queued', 'in_progress') group by tenant, key`,
  timesOf('queue', 'submitted_at'),
  timesOf('render', 'ended_at'),
  timesOf('download', 'ended_at'),
].join(';\n')
