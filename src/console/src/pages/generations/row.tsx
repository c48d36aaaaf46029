import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useFormat } from '../../format/use-format.ts'
import { moneyOf } from '../../rules/money-words.ts'
import { rowState } from '../../rules/row-state.ts'
import { Money } from '../../ui/money.tsx'
import { StatePill } from '../../ui/pill.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { RoutePath } from '../../ui/route-path.tsx'
import { Thumb } from '../../ui/thumb.tsx'
import { useWords } from '../../words/language.tsx'
import { Age } from './age.tsx'
import type { Row } from './queries.ts'
import { listWords } from './words.ts'

interface Props {
  row: Row
  isSelected: boolean
  /** Whose rows need no word about whose they are; null for keys that see one tenant only. */
  ownTenant: string | null
  onSelect: (id: string) => void
  onOpen: (id: string) => void
}

/** One generation. Drawn again only if it has changed. */
export const GenerationRow = memo(function GenerationRow({
  row,
  isSelected,
  ownTenant,
  onSelect,
  onOpen,
}: Props) {
  const t = useWords(listWords)
  const { id, prompt } = row
  const title = prompt ?? t('prompt_hidden')
  return (
    <tr role="row" className={isSelected ? 'gen-row gen-selected' : 'gen-row'} data-id={id}>
      <td role="cell" className="gen-select">
        <label className="gen-check">
          <input type="checkbox" checked={isSelected} onChange={() => onSelect(id)} />
          <span className="visually-hidden">{t('select_row', { prompt: title })}</span>
        </label>
      </td>
      <td role="cell" className="gen-what">
        <span className="gen-scene">
          <Thumb src={row.video === null || prompt === null ? null : `/generations/${id}/thumbnail`} />
          <span className="gen-words">
            <Link
              to="/generations/$id"
              params={{ id }}
              preload={false}
              className={prompt === null ? 'gen-link mute' : 'gen-link'}
              onClick={() => onOpen(id)}
            >
              {title}
            </Link>
            <Asked row={row} ownTenant={ownTenant} />
          </span>
        </span>
      </td>
      <td role="cell" className="gen-state">
        <State row={row} />
      </td>
      <td role="cell" className="gen-route">
        <RoutePath attempts={row.attempts} />
      </td>
      <td role="cell" className="gen-cost figure">
        <Money {...moneyOf(row)} />
      </td>
      <td role="cell" className="gen-age figure">
        <Age at={row.created_at} />
      </td>
    </tr>
  )
})

function Asked({ row, ownTenant }: { row: Row; ownTenant: string | null }) {
  const t = useWords(listWords)
  const { model, duration, size, metadata, tenant, key } = row
  const shot = metadata['shot']
  const parts = [
    model,
    t('seconds', { n: duration }),
    size,
    ...(shot === undefined ? [] : [t('shot', { shot })]),
  ]
  return (
    <span className="small mute">
      {parts.join(' · ')}
      {ownTenant !== null && tenant !== ownTenant && (
        <>
          {' · '}
          <bdi>{tenant}</bdi> / <bdi>{key}</bdi>
        </>
      )}
    </span>
  )
}

function State({ row }: { row: Row }) {
  const t = useWords(listWords)
  const { number } = useFormat()
  const { status, progress, error } = row
  const hasBar = status === 'in_progress' || status === 'queued'
  return (
    <span className="gen-state-parts">
      <StatePill state={rowState(row)} />
      {hasBar && <ProgressBar percent={progress} label={t('progress', { n: number(progress) })} />}
      {error !== null && error.code !== status && <code className="gen-error">{error.code}</code>}
    </span>
  )
}
