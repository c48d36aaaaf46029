import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense } from 'react'
import { byUrgency } from '../../rules/upstream-state.ts'
import { KindLetter } from '../../ui/kind-letter.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Bones, Empty, Loaded } from '../../ui/panel.tsx'
import { useCan } from '../../session/use-can.ts'
import { useWords } from '../../words/language.tsx'
import { Breakers } from './breakers.tsx'
import { DayCells } from './day-cells.tsx'
import { PriceWords, SpentToday } from './figures.tsx'
import { upstreamsQuery } from './queries.ts'
import type { Upstream } from './queries.ts'
import { UpstreamPill } from './state-pill.tsx'
import { useSentences } from './use-sentences.ts'
import { upstreamWords } from './words.ts'
import './upstreams.css'

const columns = ['upstream', 'state', 'success', 'render', 'in_flight', 'price', 'spent'] as const
const figures: ReadonlySet<string> = new Set(['render', 'in_flight', 'price', 'spent'])

/** All upstreams, those that need somebody first. */
export function Upstreams() {
  const t = useWords(upstreamWords)
  const query = useQuery(upstreamsQuery)
  return (
    <>
      <PageHead title={t('title')} />
      <Loaded query={query} bones={6}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={t('none_title')}>
              <p>{t('none_detail')}</p>
            </Empty>
          ) : (
            <div className="panel panel-flush">
              <Table upstreams={byUrgency(data)} />
            </div>
          )
        }
      </Loaded>
    </>
  )
}

/** On a phone, rows are cards: the roles keep it a table for screen readers. */
function Table({ upstreams }: { upstreams: readonly Upstream[] }) {
  const t = useWords(upstreamWords)
  const seesDay = useCan('admin', 'observe', 'operate')
  return (
    <table className="table upstreams" role="table" aria-label={t('table_name')}>
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
        {upstreams.map((upstream) => (
          <Row key={upstream.id} upstream={upstream} seesDay={seesDay} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ upstream, seesDay }: { upstream: Upstream; seesDay: boolean }) {
  const t = useWords(upstreamWords)
  const sentences = useSentences()
  return (
    <tr role="row">
      <th role="rowheader" scope="row" className="upstream-name">
        <span className="row">
          <KindLetter kind={upstream.kind} />
          <Link to="/upstreams/$id" params={{ id: upstream.id }}>
            {upstream.id}
          </Link>
        </span>
      </th>
      <td role="cell" className="upstream-state">
        <div className="stack-tight">
          <UpstreamPill upstream={upstream} />
          {sentences(upstream).map((sentence) => (
            <p key={sentence} className="small">
              {sentence}
            </p>
          ))}
          <Breakers upstream={upstream} />
        </div>
      </td>
      <Suspense fallback={<Waiting />}>
        <DayCells upstream={upstream} seesDay={seesDay} />
      </Suspense>
      <td role="cell" className="figure" data-label={t('column_price')}>
        <PriceWords price={upstream.price} />
      </td>
      <td role="cell" className="figure" data-label={t('column_spent')}>
        <SpentToday spend={upstream.spend} />
      </td>
    </tr>
  )
}

function Waiting() {
  return (
    <td role="cell" colSpan={3}>
      <Bones lines={1} />
    </td>
  )
}
