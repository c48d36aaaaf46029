import type { ReactNode, Ref } from 'react'
import { useWords } from '../../words/language.tsx'
import { rowWords } from './words.ts'

const columns = ['prompt', 'state', 'route', 'cost', 'created'] as const

interface Props {
  label: string
  ref?: Ref<HTMLTableElement>
  /** Selects all rows; a table without it has no boxes. */
  selectAll?: ReactNode
  /** The body, of `GenerationRow`s. */
  children: ReactNode
}

/** Rows of generations; on a phone they are cards. Their roles are written out, since cards would take the meaning of a table away. */
export function GenerationTable({ label, ref, selectAll, children }: Props) {
  const t = useWords(rowWords)
  return (
    <table
      ref={ref}
      role="table"
      className={selectAll === undefined ? 'table gen-table gen-plain' : 'table gen-table'}
      aria-label={label}
    >
      <thead role="rowgroup">
        <tr role="row">
          {selectAll !== undefined && (
            <th role="columnheader" scope="col" className="gen-select">
              {selectAll}
            </th>
          )}
          {columns.map((column) => (
            <th
              key={column}
              role="columnheader"
              scope="col"
              className={column === 'cost' || column === 'created' ? 'figure' : undefined}
            >
              {t(column)}
            </th>
          ))}
        </tr>
      </thead>
      {children}
    </table>
  )
}
