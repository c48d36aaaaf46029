import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useCallback } from 'react'
import { auditQuery } from '../../rules/audit-filter.ts'
import { fileAddress } from '../../rules/usage-rows.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Empty, Forbidden, Loaded } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { EntryRow } from './entry-row.tsx'
import { Filters } from './filters.tsx'
import { entriesQuery } from './queries.ts'
import type { AuditEntry } from './queries.ts'
import type { AuditFilter } from '../../rules/audit-filter.ts'
import { auditWords } from './words.ts'
import './audit.css'

const route = getRouteApi('/audit')

/** Who did what, to what, from where. */
export function Audit() {
  const t = useWords(auditWords)
  const core = useWords(coreWords)
  const isAdmin = useCan('admin')
  const search = route.useSearch()
  return (
    <>
      <PageHead title={core('audit')}>
        {isAdmin && (
          <a
            className="button"
            href={fileAddress('/audit.csv', { ...auditQuery(search) })}
            download="audit.csv"
          >
            {t('export_csv')}
          </a>
        )}
      </PageHead>
      {isAdmin ? <Entries search={search} /> : <Forbidden scope="admin" />}
    </>
  )
}

function Entries({ search }: { search: AuditFilter }) {
  const t = useWords(auditWords)
  const core = useWords(coreWords)
  const navigate = route.useNavigate()
  const query = useInfiniteQuery({
    ...entriesQuery(auditQuery(search)),
    placeholderData: keepPreviousData,
  })
  const change = useCallback(
    (next: Partial<AuditFilter>) => {
      void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
    },
    [navigate],
  )
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  return (
    <>
      <Filters search={search} change={change} />
      <Loaded query={query} bones={8}>
        {({ pages }) => {
          const entries = pages.flatMap(({ data }) => data)
          if (entries.length > 0) return <EntryTable entries={entries} />
          return isFiltered ? (
            <Empty title={t('none_found')}>
              <Button onClick={() => void navigate({ search: {} })}>{core('show_all')}</Button>
            </Empty>
          ) : (
            <Empty title={t('none_title')}>
              <p>{t('none_detail')}</p>
            </Empty>
          )
        }}
      </Loaded>
      {query.hasNextPage && (
        <Button
          className="more-entries"
          isBusy={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {core('show_more')}
        </Button>
      )}
    </>
  )
}

const columns = [
  'column_at',
  'column_who',
  'column_action',
  'column_subject',
  'column_address',
  'details',
] as const

function EntryTable({ entries }: { entries: readonly AuditEntry[] }) {
  const t = useWords(auditWords)
  return (
    <div className="panel panel-flush">
      <table className="table entries" role="table" aria-label={t('table_name')}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((word) => (
              <th key={word} role="columnheader" scope="col">
                {t(word)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {entries.map((entry) => (
            <EntryRow key={entry.id} entry={entry} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
