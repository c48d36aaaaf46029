import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { Schemas } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { moneyOf } from '../../rules/money-words.ts'
import { rowState } from '../../rules/row-state.ts'
import { Money } from '../money.tsx'
import { StatePill } from '../pill.tsx'
import { ProgressBar } from '../progress-bar.tsx'
import { RoutePath } from '../route-path.tsx'
import { Thumb } from '../thumb.tsx'
import { useWords } from '../../words/language.tsx'
import { useSizeName } from '../size-name.ts'
import { Age } from './age.tsx'
import { rowWords } from './words.ts'

type Row = Schemas['GenerationSummary']

interface Props {
  row: Row
  isSelected?: boolean
  /** Whose rows need no word about whose they are; null for keys that see one tenant only. */
  ownTenant: string | null
  /** A row that cannot be selected has no box. */
  onSelect?: (id: string) => void
  onOpen?: (id: string) => void
}

/** One generation in a `GenerationTable`. Drawn again only if it has changed. */
export const GenerationRow = memo(function GenerationRow({
  row,
  isSelected = false,
  ownTenant,
  onSelect,
  onOpen,
}: Props) {
  const t = useWords(rowWords)
  const { id, prompt } = row
  const title = prompt ?? t('prompt_hidden')
  return (
    <tr role="row" className={isSelected ? 'gen-row gen-selected' : 'gen-row'} data-id={id}>
      {onSelect !== undefined && (
        <td role="cell" className="gen-select">
          <label className="gen-check">
            <input type="checkbox" checked={isSelected} onChange={() => onSelect(id)} />
            <span className="visually-hidden">{t('select_row', { prompt: title })}</span>
          </label>
        </td>
      )}
      <td role="cell" className="gen-what">
        <span className="gen-scene">
          <Thumb src={row.video === null || prompt === null ? null : `/generations/${id}/thumbnail`} />
          <span className="gen-words">
            <Link
              to="/generations/$id"
              params={{ id }}
              preload={false}
              className={prompt === null ? 'gen-link mute' : 'gen-link'}
              onClick={() => onOpen?.(id)}
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
  const t = useWords(rowWords)
  const nameOfSize = useSizeName()
  const { model, duration, size, metadata, tenant, key } = row
  const shot = metadata['shot']
  const parts = [
    model,
    t('seconds', { n: duration }),
    nameOfSize(size),
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
  const t = useWords(rowWords)
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
