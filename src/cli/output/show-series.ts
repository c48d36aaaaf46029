import { moneyOf } from '../series/progress.ts'
import type { Series, SeriesSummary } from '../shapes.ts'
import { dollars, table } from './table.ts'

interface Saved {
  files: ReadonlyMap<number, string>
  failures: ReadonlyMap<number, string>
}

const nothingSaved: Saved = { files: new Map(), failures: new Map() }

/** A series with its scenes, for people: what each became, and where its video is. */
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
