/**
 * What keeps the running totals, in the words of SQLite: every change of a row changes them in its transaction, whatever
 * statement it comes from. Released with migration that bears their name and never edited: a change is a migration of its own.
 */

const dayMs = 86_400_000

const when = (condition: string, amount: string) => `case when ${condition} then ${amount} else 0 end`

/** The columns of `usage_days` that are sums, as they follow from one attempt. Null never comes out. */
export const figuresOf = (row: string): Record<string, string> => {
  const settled = `${row}.cost_state = 'settled'`
  const ended = `${row}.state in ('succeeded', 'failed')`
  const open = `${row}.cost_state <> 'settled'`
  const cheapest = `${row}.cheapest_micros`
  return {
    attempts: '1',
    videos: when(`${row}.delivered = 1`, '1'),
    cost_micros: when(settled, `${row}.cost_micros`),
    reserved_micros: when(open, `${row}.reserved_micros`),
    unknown_micros: when(
      `${open} and (${row}.state in ('unknown', 'abandoned') or ${ended})`,
      `${row}.reserved_micros`,
    ),
    unused_micros: when(`${settled} and ${ended} and ${row}.delivered = 0`, `${row}.cost_micros`),
    premium_micros: when(
      `${settled} and ${row}.cost_micros > ${cheapest}`,
      `${row}.cost_micros - ${cheapest}`,
    ),
    official_micros: when(`${row}.delivered = 1`, `coalesce(${row}.official_micros, ${row}.cost_micros)`),
  }
}

export const committed = (row: string) =>
  `case when ${row}.cost_state = 'settled' then ${row}.cost_micros else ${row}.reserved_micros end`

const dayOf = (row: string) => `(${row}.started_at / ${dayMs})`
const monthOf = (row: string) => `unixepoch(${row}.started_at / 1000, 'unixepoch', 'start of month') * 1000`

/** Adds an attempt to its sums, or what changed of it since it was counted. */
function addToSums(before: string | null): string {
  const now = figuresOf('new')
  const then = before === null ? null : figuresOf(before)
  const names = Object.keys(now)
  const amounts = names.map((name) => (then === null ? now[name] : `(${now[name]}) - (${then[name]})`))
  const sums = names.map((name) => `${name} = ${name} + excluded.${name}`)
  const micros = before === null ? committed('new') : `(${committed('new')}) - (${committed(before)})`
  return `
    insert into usage_days (day, tenant, key, upstream, kind, model, characters, ${names.join(', ')})
      values (${dayOf('new')}, new.tenant, new.key, new.upstream, new.kind, new.model, new.characters,
        ${amounts.join(',\n        ')})
      on conflict (day, tenant, key, upstream, kind, model, characters) do update set ${sums.join(', ')};
    insert into key_months (tenant, key, month, micros)
      values (new.tenant, new.key, ${monthOf('new')}, ${micros})
      on conflict (tenant, key, month) do update set micros = micros + excluded.micros;`
}

/**
 * A generation counts once in any report, however many attempts it had. Its path is where and when they were, so that
 * generations with the same path are one row, and a report adds up the paths that meet it.
 */
const path = (condition: string) => `(select group_concat(part, '|') from (
        select distinct ${dayOf('a')} || ',' || a.upstream || ',' || a.kind as part
        from attempts a where a.generation = new.generation and a.counted = 1 ${condition} order by part))`

const moveOnPath = `
    update usage_paths set generations = generations - 1
      where path = ${path('and a.id <> new.id')}
      and tenant = new.tenant and key = new.key and model = new.model and characters = new.characters;
    insert into usage_paths (path, tenant, key, model, characters, generations)
      values (${path('')}, new.tenant, new.key, new.model, new.characters, 1)
      on conflict (path, tenant, key, model, characters) do update set generations = generations + 1;
    insert into usage_path_parts (day, path, upstream, kind)
      select distinct ${dayOf('a')}, ${path('')}, a.upstream, a.kind
      from attempts a where a.generation = new.generation and a.counted = 1
      on conflict do nothing;`

export const attemptChangeTriggers = [
  `create trigger attempts_added after insert on attempts when new.counted = 1
    begin ${addToSums(null)} ${moveOnPath} end`,
  `create trigger attempts_counted after update of counted on attempts when old.counted = 0 and new.counted = 1
    begin ${addToSums(null)} ${moveOnPath} end`,
  `create trigger attempts_changed
    after update of state, reserved_micros, cost_micros, cost_state, delivered on attempts
    when old.counted = 1 and new.counted = 1
    begin ${addToSums('old')} end`,
]

const isOpen = (row: string) => `(${row}.counted = 1 and ${row}.status in ('queued', 'in_progress'))`
const openMicros = (row: string) => `case when ${isOpen(row)} then ${row}.headroom_micros else 0 end`

/** The insert itself is a reservation, which is conditional, and not made here. */
export const generationChangeTriggers = [
  `create trigger generations_changed after update of status, headroom_micros, counted on generations
    when ${isOpen('old')} <> ${isOpen('new')} or (${openMicros('old')}) <> (${openMicros('new')})
    begin
      insert into key_open (tenant, key, generations, micros)
        values (new.tenant, new.key, ${isOpen('new')} - ${isOpen('old')}, (${openMicros('new')}) - (${openMicros('old')}))
        on conflict (tenant, key) do update
        set generations = generations + excluded.generations, micros = micros + excluded.micros;
    end`,
  `create trigger generations_removed after delete on generations when ${isOpen('old')}
    begin
      update key_open set generations = generations - 1, micros = micros - (${openMicros('old')})
        where tenant = old.tenant and key = old.key;
    end`,
]

/** One number: how many rows of sums differ from what the attempts and generations themselves come to. */
export const ledgerDifferences = (() => {
  const names = Object.keys(figuresOf('a'))
  const sums = Object.values(figuresOf('a')).map((amount) => `sum(${amount})`)
  const words = 'tenant, key, upstream, kind, model, characters'
  const pairs = [
    [
      `select ${dayOf('a')} as day, ${words}, ${sums.join(', ')} from attempts a group by day, ${words}`,
      `select day, ${words}, ${names.join(', ')} from usage_days`,
    ],
    [
      `select tenant, key, ${monthOf('a')} as month, sum(${committed('a')}) from attempts a group by tenant, key, month`,
      'select tenant, key, month, micros from key_months',
    ],
    [
      `select tenant, key, count(*), sum(headroom_micros) from generations
         where status in ('queued', 'in_progress') group by tenant, key`,
      'select tenant, key, generations, micros from key_open where generations <> 0 or micros <> 0',
    ],
    [
      'select tenant, key, model, characters, count(distinct generation) from attempts group by 1, 2, 3, 4',
      `select tenant, key, model, characters, sum(generations) from usage_paths group by 1, 2, 3, 4`,
    ],
  ]
  const differences = pairs.flatMap(([ledger, totals]) => [
    `(select count(*) as n from (select * from (${ledger}) except select * from (${totals})))`,
    `(select count(*) as n from (select * from (${totals}) except select * from (${ledger})))`,
  ])
  return `select ${differences.map((each) => `(select n from ${each})`).join(' + ')} as n`
})()
