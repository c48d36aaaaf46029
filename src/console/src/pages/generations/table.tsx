import { memo, useCallback, useDeferredValue, useRef } from 'react'
import type { FocusEvent } from 'react'
import { useSession } from '../../session/session.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { GenerationRow } from '../../ui/generation-rows/row.tsx'
import { GenerationTable } from '../../ui/generation-rows/table.tsx'
import { useWords } from '../../words/language.tsx'
import type { Row } from './queries.ts'
import { useKeptRows } from './use-kept-rows.ts'
import { noteOpened, useFocusBack, useRowKeys } from './use-row-keys.ts'
import { listWords } from './words.ts'

interface Props {
  rows: readonly Row[]
  selected: ReadonlySet<string>
  onSelect: (change: (selected: ReadonlySet<string>) => ReadonlySet<string>) => void
}

/** The list of generations, whose rows stay in place while somebody is at them. */
export function Table({ rows, selected, onSelect }: Props) {
  const t = useWords(listWords)
  const ref = useRef<HTMLTableElement>(null)
  const { session } = useSession()
  const seesAll = useCan('observe', 'operate')
  // Drawn in slices, between which the page answers.
  const kept = useKeptRows(useDeferredValue(rows))
  const toggle = useCallback(
    (id: string) =>
      onSelect((before) => {
        const next = new Set(before)
        if (!next.delete(id)) next.add(id)
        return next
      }),
    [onSelect],
  )
  useRowKeys(ref, {
    select: toggle,
    clear() {
      if (selected.size > 0) onSelect(() => new Set())
      return selected.size > 0
    },
  })
  useFocusBack(ref, rows.length > 0)
  function leave({ currentTarget, relatedTarget }: FocusEvent): void {
    if (relatedTarget instanceof Node && currentTarget.contains(relatedTarget)) return
    if (!currentTarget.matches(':hover')) kept.letGo()
  }
  return (
    <div
      className="panel panel-flush gen-panel"
      onPointerEnter={kept.hold}
      onPointerLeave={({ currentTarget }) => {
        if (!currentTarget.contains(document.activeElement)) kept.letGo()
      }}
      onFocus={kept.hold}
      onBlur={leave}
    >
      {kept.fresh > 0 && (
        <Button kind="quiet" className="gen-fresh" onClick={kept.catchUp}>
          {t('fresh', { n: kept.fresh })}
        </Button>
      )}
      <GenerationTable
        ref={ref}
        label={t('table')}
        selectAll={<SelectAll rows={kept.rows} selected={selected} onSelect={onSelect} />}
      >
        <Body
          rows={kept.rows}
          selected={selected}
          ownTenant={seesAll ? (session?.tenant ?? null) : null}
          onToggle={toggle}
        />
      </GenerationTable>
    </div>
  )
}

interface BodyProps extends Pick<Props, 'rows' | 'selected'> {
  ownTenant: string | null
  onToggle: (id: string) => void
}

const Body = memo(function Body({ rows, selected, ownTenant, onToggle }: BodyProps) {
  return (
    <tbody role="rowgroup">
      {rows.map((row) => (
        <GenerationRow
          key={row.id}
          row={row}
          isSelected={selected.has(row.id)}
          ownTenant={ownTenant}
          onSelect={onToggle}
          onOpen={noteOpened}
        />
      ))}
    </tbody>
  )
})

function SelectAll({ rows, selected, onSelect }: Props) {
  const t = useWords(listWords)
  const count = rows.filter(({ id }) => selected.has(id)).length
  const areAll = count > 0 && count === rows.length
  return (
    <label className="gen-check">
      <input
        type="checkbox"
        checked={areAll}
        ref={(box) => {
          if (box !== null) box.indeterminate = count > 0 && !areAll
        }}
        onChange={() => onSelect(() => new Set(areAll ? [] : rows.map(({ id }) => id)))}
      />
      <span className="visually-hidden">{t('select_all')}</span>
    </label>
  )
}
