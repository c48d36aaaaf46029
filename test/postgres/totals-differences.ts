import { openEnd } from '../../src/gateway/domain/attempts/slot.ts'
import {
  committedMicros,
  totals,
  usageFigures,
} from '../../src/gateway/storage/postgres/migrations/totals-tables.ts'
import { classTotals } from '../../src/gateway/storage/postgres/migrations/generation-counts.ts'
import { slotTotals } from '../../src/gateway/storage/postgres/migrations/slots-taken.ts'

const figures = usageFigures('a')
const words = 'tenant, key, upstream, kind, model, characters'
const sumsOf = (table: string): string => {
  const found = [...totals, slotTotals, classTotals].find((each) => each.table === table)
  if (found === undefined) throw new Error(`${table} has no totals`)
  const groups = Object.keys(found.groups).join(', ')
  const sums = found.sums.map((name) => `sum(${name})`).join(', ')
  return `select ${groups}, ${sums} from ${table} group by ${groups}
    having ${found.sums.map((name) => `sum(${name}) <> 0`).join(' or ')}`
}

const pairs = [
  [
    `select tenant, key, month_start(started_at) as month, sum(${committedMicros('a')}) from attempts a
      group by tenant, key, month having sum(${committedMicros('a')}) <> 0`,
    sumsOf('key_months'),
  ],
  [
    `select started_at / 86400000 as day, ${words}, ${Object.values(figures)
      .map((amount) => `sum(${amount})`)
      .join(', ')} from attempts a group by day, ${words}`,
    sumsOf('usage_days'),
  ],
  [
    `select tenant, key, count(*), sum(headroom_micros) from generations
      where status in ('queued', 'in_progress') group by tenant, key`,
    sumsOf('key_open'),
  ],
  [
    'select tenant, key, model, characters, count(distinct generation) from attempts group by 1, 2, 3, 4',
    `select tenant, key, model, characters, sum(generations) from usage_paths group by 1, 2, 3, 4`,
  ],
  [
    [
      ['queue', 'queue_ms', 'submitted_at'],
      ['render', 'render_ms', 'ended_at'],
      ['download', 'download_ms', 'ended_at'],
    ]
      .map(
        ([
          phase,
          ms,
          at,
        ]) => `select upstream, ${at} / 3600000 as hour, '${phase}' as phase, ${ms} as ms, count(*)
          from attempts where ${ms} is not null and ${at} is not null group by 1, 2, 3, 4`,
      )
      .join(' union all '),
    sumsOf('attempt_times'),
  ],
  [
    `select upstream, slot_until, count(*) from attempts where slot_until is not null
      and (generation_id is not null or slot_until < ${openEnd}) group by 1, 2`,
    sumsOf('slots_taken'),
  ],
  [
    `select tenant, key, status, coalesce(states, ''), count(*) from generations left join (
        select generation_id, string_agg(distinct state, ',' order by state) as states
        from attempts group by generation_id) of_attempts on generation_id = id
      where status not in ('queued', 'in_progress')
      group by 1, 2, 3, 4`,
    sumsOf('generation_counts'),
  ],
]

/** Each a query of one number: how many sums differ from what the attempts and generations come to. */
export const totalsDifferences = pairs.map(
  ([ledger, sums]) => `select (select count(*) from ((${ledger}) except (${sums})) as more)
    + (select count(*) from ((${sums}) except (${ledger})) as less) as n`,
)
