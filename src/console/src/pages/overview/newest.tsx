import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useSession } from '../../session/session.ts'
import { useCan } from '../../session/use-can.ts'
import { GenerationRow } from '../../ui/generation-rows/row.tsx'
import { GenerationTable } from '../../ui/generation-rows/table.tsx'
import { Empty, Loaded } from '../../ui/panel.tsx'
import { useWords } from '../../words/language.tsx'
import { newestQuery } from './queries.ts'
import { overviewWords } from './words.ts'

/** The newest generations that the key may see. */
export function Newest() {
  const t = useWords(overviewWords)
  const query = useQuery(newestQuery)
  const { session } = useSession()
  const seesAll = useCan('observe', 'operate')
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
            <GenerationTable label={t('table_name')}>
              <tbody role="rowgroup">
                {data.map((row) => (
                  <GenerationRow
                    key={row.id}
                    row={row}
                    ownTenant={seesAll ? (session?.tenant ?? null) : null}
                  />
                ))}
              </tbody>
            </GenerationTable>
          )
        }
      </Loaded>
    </section>
  )
}
