import { useEffect, useRef } from 'react'

const fields = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])'

/** Keys that belong to what is typed in, to a dialog, or to an input method are left alone. */
function isFree(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  if (document.querySelector('dialog[open], [popover]:popover-open') !== null) return false
  return !(event.target instanceof Element && event.target.closest(fields) !== null)
}

/** What single keys do on this screen, by `KeyboardEvent.key`. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const current = useRef(keys)
  useEffect(() => {
    current.current = keys
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = current.current[event.key]
      if (act === undefined || !isFree(event)) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}
