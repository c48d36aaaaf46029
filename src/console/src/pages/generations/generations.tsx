import '../../ui/generation-rows/rows.css'
import './generations.css'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { LiveNote } from '../../live/live-note.tsx'
import { useLive } from '../../live/live-state.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Empty, Failure, Forbidden, Loaded } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import { Chips } from './chips.tsx'
import { csvOf, download } from './csv.ts'
import { Filters } from './filters.tsx'
import { listQuery, readAll, readOlder } from './queries.ts'
import { isFiltered } from './search.ts'
import type { GenerationsSearch } from './search.ts'
import { SelectionBar } from './selection-bar.tsx'
import { Table } from './table.tsx'
import { Tabs } from './tabs.tsx'
import { listWords } from './words.ts'

/** All generations that the key may see, the newest first, as they change. */
export function Generations() {
  const core = useWords(coreWords)
  const search = useSearch({ from: '/generations' })
  const canSee = useCan('generate', 'read', 'observe', 'operate')
  if (!canSee)
    return (
      <>
        <PageHead title={core('generations')} />
        <Forbidden scope="read" />
      </>
    )
  return (
    <>
      <PageHead title={core('generations')}>
        <LiveNote />
        <ExportAll search={search} />
      </PageHead>
      <Tabs search={search} />
      <Filters search={search} />
      <Chips search={search} />
      <HiddenNote />
      <List key={JSON.stringify(search)} search={search} />
    </>
  )
}

/** Says once what rows of other tenants do not show. */
function HiddenNote() {
  const t = useWords(listWords)
  const seesAll = useCan('observe', 'operate')
  const seesPrompts = useCan('operate_prompts')
  return seesAll && !seesPrompts ? <p className="notice small gen-note">{t('hidden_note')}</p> : null
}

function ExportAll({ search }: { search: GenerationsSearch }) {
  const t = useWords(listWords)
  const exporting = useMutation({
    mutationFn: () => readAll(search),
    onSuccess: (rows) => download('generations.csv', csvOf(rows)),
  })
  return (
    <>
      <Button isBusy={exporting.isPending} onClick={() => exporting.mutate()}>
        {t('export_all')}
      </Button>
      {exporting.error !== null && <Failure error={exporting.error} />}
    </>
  )
}

function List({ search }: { search: GenerationsSearch }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const query = useQuery(listQuery(search, useLive()))
  return (
    <Loaded query={query} bones={8}>
      {({ data: rows, has_more: hasMore }) => (
        <>
          <SelectionBar rows={rows} selected={selected} onSelect={(ids) => setSelected(new Set(ids))} />
          {rows.length === 0 && !hasMore ? (
            <Nothing search={search} />
          ) : (
            <Table rows={rows} selected={selected} onSelect={setSelected} />
          )}
          {hasMore && <Older search={search} />}
        </>
      )}
    </Loaded>
  )
}

function Older({ search }: { search: GenerationsSearch }) {
  const core = useWords(coreWords)
  const client = useQueryClient()
  const reading = useMutation({ mutationFn: () => readOlder(client, search) })
  return (
    <div className="gen-more">
      {reading.error !== null && <Failure error={reading.error} />}
      <Button isBusy={reading.isPending} onClick={() => reading.mutate()}>
        {core('show_more')}
      </Button>
    </div>
  )
}

function Nothing({ search }: { search: GenerationsSearch }) {
  const t = useWords(listWords)
  const canMake = useCan('generate')
  if (isFiltered(search) || search.tab !== undefined)
    return (
      <Empty
        title={search.tab === 'attention' && !isFiltered(search) ? t('nothing_attention') : t('empty_filter')}
      >
        <Link className="button" to="/generations" search={{}}>
          {t('clear_filters')}
        </Link>
      </Empty>
    )
  return (
    <Empty title={t('empty_title')}>
      <p>{t('empty_detail')}</p>
      {canMake && (
        <Link className="button button-primary" to="/studio">
          {t('to_studio')}
        </Link>
      )}
    </Empty>
  )
}
