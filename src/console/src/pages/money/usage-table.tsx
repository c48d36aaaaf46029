import { useState } from 'react'
import { useFormat } from '../../format/use-format.ts'
import type { Dimension } from '../../rules/usage-rows.ts'
import { Button } from '../../ui/button.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import type { Usage, UsageRow } from './queries.ts'
import { useDates } from './use-dates.ts'
import { moneyWords } from './words.ts'

const atOnce = 100

/** The rows of a report with their totals. A table that is wider than its window scrolls in itself. */
export function UsageTable({ report, groups }: { report: Usage; groups: readonly Dimension[] }) {
  const t = useWords(moneyWords)
  const core = useWords(coreWords)
  const [most, setMost] = useState(atOnce)
  const rows = report.data.slice(0, most)
  return (
    <div className="panel panel-flush">
      <div className="scroll" tabIndex={0} role="group" aria-label={t('table_title')}>
        <table className="table usage">
          <thead>
            <tr>
              {groups.map((dimension) => (
                <th key={dimension} scope="col">
                  {t(`by_${dimension}`)}
                </th>
              ))}
              <FigureHeads />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={JSON.stringify(groups.map((dimension) => valueOf(row, dimension)))}>
                {groups.map((dimension) => (
                  <td key={dimension}>
                    <GroupCell row={row} dimension={dimension} />
                  </td>
                ))}
                <Figures sums={row} />
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={groups.length}>
                {t('total')}
              </th>
              <Figures sums={report.totals} />
            </tr>
          </tfoot>
        </table>
      </div>
      {report.data.length > rows.length && (
        <p className="row more-rows">
          <span className="mute small">
            {t('rows_shown', { shown: rows.length, all: report.data.length })}
          </span>
          <Button onClick={() => setMost(most + atOnce)}>{core('show_more')}</Button>
        </p>
      )}
    </div>
  )
}

function FigureHeads() {
  const t = useWords(moneyWords)
  const core = useWords(coreWords)
  const names = [
    t('column_attempts'),
    t('column_videos'),
    core('paid'),
    core('may_still_be_charged'),
    t('column_unknown'),
    core('paid_no_video'),
    t('column_premium'),
    t('column_official'),
    t('column_saved'),
  ]
  return names.map((name) => (
    <th key={name} scope="col" className="figure">
      {name}
    </th>
  ))
}

function tone(amount: number, name: string): string {
  return amount > 0 ? `figure tone-${name}` : 'figure mute'
}

function Figures({ sums }: { sums: Usage['totals'] }) {
  const { usd, number } = useFormat()
  return (
    <>
      <td className="figure">{number(sums.attempts)}</td>
      <td className="figure">{number(sums.videos)}</td>
      <td className="figure usage-paid">{usd(sums.cost_usd)}</td>
      <td className={tone(sums.reserved_cost_usd, 'warn')}>{usd(sums.reserved_cost_usd)}</td>
      <td className={tone(sums.unknown_cost_usd, 'warn')}>{usd(sums.unknown_cost_usd)}</td>
      <td className={tone(sums.unused_cost_usd, 'bad')}>{usd(sums.unused_cost_usd)}</td>
      <td className="figure">{usd(sums.premium_usd)}</td>
      <td className="figure">{usd(sums.official_cost_usd)}</td>
      <td className={tone(Math.abs(sums.saving_usd), sums.saving_usd < 0 ? 'bad' : 'ok')}>
        {usd(sums.saving_usd)}
      </td>
    </>
  )
}

/** What tells a row from the others. */
function valueOf(row: UsageRow, dimension: Dimension): unknown {
  return dimension === 'character' ? row.characters?.map(({ id }) => id) : row[dimension]
}

function GroupCell({ row, dimension }: { row: UsageRow; dimension: Dimension }) {
  const t = useWords(moneyWords)
  const core = useWords(coreWords)
  const dates = useDates()
  if (dimension === 'day') return row.day === undefined ? null : dates.day(row.day)
  if (dimension === 'kind') return row.kind === undefined ? null : core(`kind_${row.kind}`)
  if (dimension === 'character') {
    const names = (row.characters ?? []).map(({ name }) => `@${name}`)
    return names.length === 0 ? <span className="mute">{t('no_character')}</span> : names.join(' ')
  }
  return row[dimension] ?? null
}
