import { moneyOf } from '../series/progress.ts'
import type { Series, SeriesPlan, SeriesSummary } from '../gateway/shapes.ts'
import { dollars, table } from './table.ts'

interface Saved {
  files: ReadonlyMap<number, string>
  failures: ReadonlyMap<number, string>
}

const nothingSaved: Saved = { files: new Map(), failures: new Map() }

/** A series for display: the result of each scene, and where its video is. */
export function showSeries(series: Series, { files, failures }: Saved = nothingSaved): string {
  const rows = series.scenes.map((scene) => [
    String(scene.number),
    scene.id,
    scene.status,
    scene.upstream ?? '–',
    dollars(scene.cost_usd),
    failures.get(scene.number) ?? files.get(scene.number) ?? scene.error?.message ?? '',
  ])
  const lines = [
    `${series.id}  ${series.status}`,
    '',
    table(['', 'scene', 'status', 'upstream', 'cost', 'result'], rows),
    `${moneyOf(series)} total`,
  ]
  const notes = series.scenes.flatMap(({ number, warnings }) =>
    warnings.map(({ detail }) => `Note on scene ${number}: ${detail}`),
  )
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
}

export function showSeriesList(list: readonly SeriesSummary[]): string {
  if (list.length === 0) return 'No series found.'
  const rows = list.map((one) => [
    one.id,
    one.name ?? '–',
    one.status,
    `${one.progress} %`,
    dollars(one.cost_usd),
    one.created_at.slice(0, 16).replace('T', ' '),
  ])
  return table(['id', 'name', 'status', 'progress', 'cost', 'created'], rows)
}

/** The route of each scene and the total cost, for display. */
export function showSeriesPlan(plan: SeriesPlan): string {
  const rows = plan.scenes.map(({ id, number, route }) => [
    String(number),
    id,
    route === null ? '–' : route.candidates.map(({ upstream }) => upstream).join(', '),
    route === null ? '–' : dollars(route.estimated_cost_usd),
    route === null ? '–' : dollars(route.worst_case_cost_usd),
    route === null ? 'What is left of the budget of the key or its tenant does not pay for it.' : '',
  ])
  const { estimated_cost_usd: expected, worst_case_cost_usd: worst, max_cost_usd: most } = plan
  const limit = most === null ? 'no limit' : `limit ${dollars(most)}`
  const advice = plan.within_max_cost
    ? ''
    : '\nThe limit does not cover the worst case: some scenes may end without a video.'
  return `${table(['', 'scene', 'upstreams', 'cost', 'worst case', ''], rows)}\n\nExpected cost ${dollars(expected)}, worst case ${dollars(worst)}, ${limit}${advice}`
}
