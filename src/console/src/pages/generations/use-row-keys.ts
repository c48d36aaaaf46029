import { useEffect } from 'react'
import type { RefObject } from 'react'
import { useKeys } from '../../keyboard/use-keys.ts'

const openedKey = 'understudy.generations.opened'

/** What was opened, so that who comes back finds the focus there. */
export function noteOpened(id: string): void {
  sessionStorage.setItem(openedKey, id)
}

function linksIn(table: HTMLElement | null): HTMLElement[] {
  return [...(table?.querySelectorAll<HTMLElement>('.gen-link') ?? [])]
}

function rowOf(element: Element | null): HTMLElement | null {
  return element?.closest<HTMLElement>('tr[data-id]') ?? null
}

/** `j`, `k` and arrows go through the rows, `x` selects, Escape lets go. The focus is on the link, so Enter opens by itself. */
export function useRowKeys(
  table: RefObject<HTMLElement | null>,
  { select, clear }: { select: (id: string) => void; clear: () => boolean },
): void {
  function move(by: number): boolean {
    const links = linksIn(table.current)
    const row = rowOf(document.activeElement)
    const at = links.findIndex((link) => rowOf(link) === row)
    const next = links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
    return next !== undefined
  }
  function arrow(by: number): boolean {
    return rowOf(document.activeElement) !== null && move(by)
  }
  function choose(): boolean {
    const id = rowOf(document.activeElement)?.dataset['id']
    if (id !== undefined) select(id)
    return id !== undefined
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => arrow(1),
    ArrowUp: () => arrow(-1),
    x: choose,
    Escape: clear,
  })
}

/** Puts the focus back on the row that was opened last, once it is there. */
export function useFocusBack(table: RefObject<HTMLElement | null>, isThere: boolean): void {
  useEffect(() => {
    const id = sessionStorage.getItem(openedKey)
    // The list is drawn once more on the way out, when the address is that of the opened one already.
    if (!isThere || id === null || window.location.pathname.includes(id)) return
    sessionStorage.removeItem(openedKey)
    const link = linksIn(table.current).find((each) => rowOf(each)?.dataset['id'] === id)
    link?.focus({ preventScroll: true })
  }, [table, isThere])
}
