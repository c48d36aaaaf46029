import { number, text } from './columns.ts'
import { committed, figuresOf } from '../../migrations/totals/totals-triggers.ts'
import { vendorFiguresOf } from '../../migrations/totals/list-price-triggers.ts'

/**
 * Running totals. A row that every change of a key would update is held until the commit, so that all writers of the key, on all
 * nodes, would follow one another; and two that change the rows of several keys would wait for each other. So changes are only
 * added, as rows of their own, and readers sum. `merged` is true for the one row that `mergeTotals` makes of many.
 */
export interface Totals {
  table: string
  groups: Record<string, string>
  sums: readonly string[]
  /** An index for the readers. */
  readBy: readonly string[]
  /** A column that is true for rows that are not merged. */
  except?: string
}

/** The figures of one attempt in `usage_days`. */
export const usageFigures = (row: string): Record<string, string> => ({
  ...figuresOf(row),
  ...vendorFiguresOf(row),
})
export const committedMicros = committed

const ofKey = { tenant: text, key: text }
const ofPath = { path: text, ...ofKey, model: text, characters: text }

export const totals: readonly Totals[] = [
  {
    table: 'key_open',
    groups: ofKey,
    sums: ['generations', 'micros'],
    readBy: ['tenant', 'key'],
    except: 'reserved',
  },
  {
    table: 'key_months',
    groups: { ...ofKey, month: number },
    sums: ['micros'],
    readBy: ['tenant', 'key', 'month'],
  },
  {
    table: 'usage_days',
    groups: { day: number, ...ofKey, upstream: text, kind: text, model: text, characters: text },
    sums: Object.keys(usageFigures('new')),
    readBy: ['day', 'tenant', 'key'],
  },
  { table: 'usage_paths', groups: ofPath, sums: ['generations'], readBy: ['tenant', 'key'] },
  {
    table: 'attempt_times',
    groups: { upstream: text, hour: number, phase: text, ms: number },
    sums: ['attempts'],
    readBy: ['upstream', 'hour'],
  },
]

/** Texts without a bound are too long for an index. */
const long = new Set(['path', 'characters'])

/** What is alike in the rows that are merged. */
export function groupKey({ groups }: Totals): string {
  return Object.keys(groups)
    .map((name) => (long.has(name) ? `md5(${name})` : name))
    .join(', ')
}

export function tableOf(each: Totals): string[] {
  const { table, groups, sums, readBy } = each
  const columns = [
    ...Object.entries(groups).map(([name, type]) => `${name} ${type} not null`),
    ...sums.map((name) => `${name} ${number} not null`),
    'merged boolean default false not null',
  ]
  return [
    `create table ${table} (${columns.join(', ')})
        with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000)`,
    `create index ${table}_by_group on ${table} (${readBy.join(', ')})`,
    `create index ${table}_not_merged on ${table} (merged) where not merged`,
    `create unique index ${table}_merged on ${table} (${groupKey(each)}) where merged`,
  ]
}

export const totalsTables = [
  ...totals.flatMap(tableOf),
  `create index key_months_by_tenant on key_months (tenant, month)`,
  `create index attempt_times_by_hour on attempt_times (hour)`,
  `create table usage_path_parts (day ${number} not null, path ${text} not null, upstream ${text} not null, kind ${text} not null)`,
  `create index usage_path_parts_by_day on usage_path_parts (day, md5(path))`,
  `create table totals_check (name ${text} primary key)`,
  `create table breaker_openings (
    upstream ${text} not null,
    hour ${number} not null,
    operation ${text} not null,
    openings ${number} not null,
    constraint breaker_openings_pkey primary key (upstream, hour, operation)
  )`,
  `create index breaker_openings_by_hour on breaker_openings (hour)`,
]
