import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schemas } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { moneyOf } from '../../rules/money-words.ts'
import { rowState } from '../../rules/row-state.ts'
import { Money } from '../../ui/money.tsx'
import { Empty, Loaded } from '../../ui/panel.tsx'
import { StatePill } from '../../ui/pill.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { RoutePath } from '../../ui/route-path.tsx'
import { Thumb } from '../../ui/thumb.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { newestQuery } from './queries.ts'
import { overviewWords } from './words.ts'

type Row = Schemas['GenerationSummary']

const columns = ['prompt', 'status', 'route', 'cost', 'started'] as const
const figures: ReadonlySet<string> = new Set(['cost', 'started'])

/** The newest generations that the key may see. */
export function Newest() {
  const t = useWords(overviewWords)
  const query = useQuery(newestQuery)
  return (
    <section className="panel panel-flush" aria-labelledby="newest-title">
      <div className="panel-title newest-head">
        <h2 id="newest-title">{t('newest_title')}</h2>
        <Link to="/generations" className="small">
          {t('see_all')}
        </Link>
      </div>
      <Loaded query={query} bones={5}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={t('newest_none')}>
              <p>{t('newest_none_detail')}</p>
            </Empty>
          ) : (
            <table className="table newest" role="table" aria-label={t('table_name')}>
              <thead role="rowgroup">
                <tr role="row">
                  {columns.map((column) => (
                    <th
                      key={column}
                      role="columnheader"
                      scope="col"
                      className={figures.has(column) ? 'figure' : undefined}
                    >
                      {t(`column_${column}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody role="rowgroup">
                {data.map((row) => (
                  <NewestRow key={row.id} row={row} />
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </section>
  )
}

function NewestRow({ row }: { row: Row }) {
  const core = useWords(coreWords)
  const { age, instant } = useFormat()
  const state = rowState(row)
  const isRunning = row.status === 'in_progress' && row.progress > 0
  return (
    <tr role="row">
      <td role="cell" className="newest-prompt">
        <Prompt row={row} />
      </td>
      <td role="cell" className="newest-state">
        <div className="stack-tight">
          <StatePill state={state} />
          {isRunning && <ProgressBar percent={row.progress} label={core(`state_${state}`)} />}
          {row.error !== null && row.status === 'failed' && <code>{row.error.code}</code>}
        </div>
      </td>
      <td role="cell" className="newest-route">
        <RoutePath attempts={row.attempts} />
      </td>
      <td role="cell" className="figure newest-cost">
        <Money {...moneyOf(row)} />
      </td>
      <td role="cell" className="figure small mute newest-age" title={instant(row.created_at)}>
        {age(row.created_at)}
      </td>
    </tr>
  )
}

function Prompt({ row }: { row: Row }) {
  const t = useWords(overviewWords)
  const { seconds } = useFormat()
  const { id, prompt, model, duration, size, video } = row
  return (
    <div className="newest-what">
      <Thumb src={video === null || prompt === null ? null : `/generations/${id}/thumbnail`} />
      <div className="newest-words">
        <Link to="/generations/$id" params={{ id }} className="newest-link">
          {prompt ?? t('prompt_withheld')}
        </Link>
        <span className="small mute">{t('facts', { model, seconds: seconds(duration), size })}</span>
      </div>
    </div>
  )
}
