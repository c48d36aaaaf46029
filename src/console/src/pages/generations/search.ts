import { oneOf, textIn } from '../../api/search.ts'
import type { paths } from '../../../../../openapi/clients/typescript/src/schema.ts'

/** The tabs of the list; `attention` is what a person has to look at. */
export const tabs = ['all', 'attention', 'queued', 'in_progress', 'completed', 'failed', 'cancelled'] as const
export type Tab = (typeof tabs)[number]

/** How far back, by the hours of each. */
export const spans = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const
export type Span = keyof typeof spans
export const spanNames = ['1h', '24h', '7d', '30d'] as const satisfies readonly Span[]

/** What beside the tab can be filtered; each is a chip. */
export const filterNames = [
  'q',
  'upstream',
  'tenant',
  'character',
  'key',
  'error',
  'since',
  'from',
  'to',
] as const
export type FilterName = (typeof filterNames)[number]

/** The search parameters of the screen. */
export type GenerationsSearch = { tab?: Tab | undefined; since?: Span | undefined } & {
  [Name in Exclude<FilterName, 'since'>]?: string | undefined
}

type Query = NonNullable<paths['/generations']['get']['parameters']['query']>
type ErrorCode = NonNullable<Query['error']>

/** The codes by which generations and their attempts fail, the frequent ones first. */
export const errorCodes = [
  'content_refused',
  'upstream_failed',
  'outcome_unknown',
  'no_upstream',
  'deadline_exceeded',
  'budget_exceeded',
  'invalid_request',
  'character_unavailable',
  'archive_failed',
  'overloaded',
  'upstream_down',
  'job_failed',
  'stalled',
] as const satisfies readonly ErrorCode[]

/** `2026-11-27`, or undefined. */
function dayIn(value: unknown): string | undefined {
  const text = textIn(value)
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : undefined
}

export function parseGenerationsSearch(search: Record<string, unknown>): GenerationsSearch {
  const read = (name: FilterName) => textIn(search[name])?.slice(0, 200)
  return {
    tab: oneOf(tabs, search['tab']),
    q: read('q'),
    upstream: read('upstream'),
    tenant: read('tenant'),
    character: read('character'),
    key: read('key'),
    error: oneOf(errorCodes, search['error']),
    since: oneOf(spanNames, search['since']),
    from: dayIn(search['from']),
    to: dayIn(search['to']),
  }
}

/** The start of a day here, some days later; as the API wants it. */
function dayStart(day: string, later = 0): string {
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + later)
  return at.toISOString()
}

/** Everything but the tab, for the API. `now`: ms since 1970. */
export function filterOf(search: GenerationsSearch, now: number): Query {
  const { q, upstream, tenant, character, key, error, since, from, to } = search
  const code = oneOf(errorCodes, error)
  const created =
    since === undefined
      ? from !== undefined && dayStart(from)
      : new Date(now - spans[since] * 3_600_000).toISOString()
  return {
    ...(q !== undefined && { q }),
    ...(upstream !== undefined && { upstream }),
    ...(tenant !== undefined && { tenant }),
    ...(character !== undefined && { character }),
    ...(key !== undefined && { key }),
    ...(code !== undefined && { error: code }),
    ...(created !== false && { created_from: created }),
    ...(since === undefined && to !== undefined && { created_to: dayStart(to, 1) }),
  }
}

export function tabFilterOf(tab: Tab): Query {
  if (tab === 'all') return {}
  return tab === 'attention' ? { attention: 'true' } : { status: tab }
}

export function isFiltered(search: GenerationsSearch): boolean {
  return filterNames.some((name) => search[name] !== undefined)
}
