import { useMemo, useState } from 'react'
import { keepPlaces } from '../../rules/list-rows.ts'
import type { Row } from './queries.ts'

/** Rows keep their places while pointer or focus is among them; `onEnter` and `onLeave` say when. */
export function useKeptRows(rows: readonly Row[]) {
  const [held, setHeld] = useState<readonly Row[] | null>(null)
  const kept = useMemo(() => (held === null ? { rows, fresh: 0 } : keepPlaces(held, rows)), [held, rows])
  return {
    ...kept,
    hold: () => setHeld((before) => before ?? rows),
    letGo: () => setHeld(null),
    /** Takes in what is new, and holds that. */
    catchUp: () => setHeld(rows),
  }
}
