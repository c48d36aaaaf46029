import { useFormat } from '../../../format/use-format.ts'
import { useLanguage, useWords } from '../../../words/language.tsx'
import { bestOf, ownMeanOf, resultsOf } from '../../../rules/compare-results.ts'
import type { Points } from '../../../rules/scores.ts'
import { Money } from '../../../ui/money.tsx'
import type { Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'

const columns = [
  'upstream',
  'delivered',
  'paid',
  'mean_time',
  'likeness',
  'colours',
  'people',
  'yours',
] as const

/** How each upstream did; the best of a column says so. On a phone, rows are cards; the roles keep it a table. */
export function Results({ comparison }: { comparison: Comparison }) {
  const t = useWords(compareWords)
  return (
    <section className="compare-section" aria-labelledby="results-title">
      <h2 id="results-title">{t('results')}</h2>
      <div className="panel panel-flush">
        <table className="table compare-results" role="table" aria-labelledby="results-title">
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <th
                  key={column}
                  role="columnheader"
                  scope="col"
                  className={column === 'upstream' ? '' : 'figure'}
                >
                  <Head column={column} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {comparison.table.map((row) => (
              <ResultRow key={row.upstream} row={row} comparison={comparison} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Head({ column }: { column: (typeof columns)[number] }) {
  const t = useWords(compareWords)
  if (column === 'likeness' || column === 'colours')
    return <abbr title={t(`${column}_hint`)}>{t(column)}</abbr>
  return t(column)
}

function ResultRow({ row, comparison }: { row: Comparison['table'][number]; comparison: Comparison }) {
  const t = useWords(compareWords)
  const { seconds } = useFormat()
  const best = bestOf(resultsOf(comparison))
  const own = ownMeanOf(comparison.cells, row.upstream)
  const { people, mean_time: time, likeness, colours } = best
  return (
    <tr role="row">
      <th role="rowheader" scope="row" className="result-upstream">
        {row.upstream}
      </th>
      <td role="cell" data-label={t('delivered')}>
        <span className="result-cell">
          <span>{t('counts', { delivered: row.delivered, videos: row.videos })}</span>
          {Object.entries(row.failures).map(([code, count]) => (
            <span key={code} className="small tone-bad">
              {t('failures', { count, code })}
            </span>
          ))}
        </span>
      </td>
      <td role="cell" data-label={t('paid')}>
        <Money
          paidUsd={row.cost_usd}
          reservedUsd={row.reserved_cost_usd}
          withoutVideo={row.delivered === 0 && row.cost_usd > 0}
        />
      </td>
      <td role="cell" data-label={t('mean_time')}>
        <Best isBest={time.has(row.upstream)}>
          {row.mean_seconds === null ? '–' : seconds(row.mean_seconds)}
        </Best>
      </td>
      <td role="cell" data-label={t('likeness')}>
        <Best isBest={likeness.has(row.upstream)}>
          <Figure value={row.hash_similarity} digits={2} />
        </Best>
      </td>
      <td role="cell" data-label={t('colours')}>
        <Best isBest={colours.has(row.upstream)}>
          <Figure value={row.colour_distance} digits={1} />
        </Best>
      </td>
      <td role="cell" data-label={t('people')}>
        <Best isBest={people.has(row.upstream)}>
          <Scores points={row.scores} count={row.scores?.count ?? null} />
        </Best>
      </td>
      <td role="cell" data-label={t('yours')}>
        <Scores points={own} count={null} />
      </td>
    </tr>
  )
}

function Best({ isBest, children }: { isBest: boolean; children: React.ReactNode }) {
  const t = useWords(compareWords)
  if (!isBest) return children
  return (
    <span className="best">
      {children} <span className="best-word">{t('best')}</span>
    </span>
  )
}

function Figure({ value, digits }: { value: number | null; digits: number }) {
  const { language } = useLanguage()
  if (value === null) return '–'
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value)
}

/** Face · clothing · style, in whole points. */
export function Scores({ points, count }: { points: Points | null; count: number | null }) {
  const t = useWords(compareWords)
  if (points === null) return <span className="mute small">{t('not_scored')}</span>
  const [face, clothing, style] = [points.face, points.clothing, points.style].map((each) => Math.round(each))
  if (face === undefined || clothing === undefined || style === undefined) return null
  return (
    <span className="result-cell">
      <span>
        <span aria-hidden="true">
          {face} · {clothing} · {style}
        </span>
        <span className="visually-hidden">{t('score_of', { face, clothing, style })}</span>
      </span>
      {count !== null && <span className="small mute">{t('score_count', { n: count })}</span>}
    </span>
  )
}
