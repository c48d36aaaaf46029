import { useLayoutEffect, useRef } from 'react'
import { isShortcut, isSingleCharacter } from './key-press.ts'
import { areSingleKeysOn } from './single-keys.ts'

/** By the name of the key as the browser says it (`j`, `?`, `ArrowDown`). A handler that returns `false` leaves the key alone. */
export type KeyHandlers = Readonly<Record<string, (event: KeyboardEvent) => unknown>>

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest('input:not([type=radio], [type=checkbox]), textarea, select') !== null)
  )
}

/** Shortcuts while the component is mounted: not in fields, not during composition, not behind an open dialog. */
export function useKeys(handlers: KeyHandlers): void {
  const current = useRef(handlers)
  useLayoutEffect(() => {
    current.current = handlers
  })
  // Before the first picture: whoever sees the screen can use its keys.
  useLayoutEffect(() => {
    function press(event: KeyboardEvent) {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return
      const { key, ctrlKey, metaKey, altKey, isComposing, keyCode } = event
      const asked = { key, ctrlKey, metaKey, altKey, isComposing, keyCode, inField: isField(event.target) }
      if (!isShortcut(asked) || (isSingleCharacter(asked) && !areSingleKeysOn())) return
      const handler = current.current[key]
      if (handler !== undefined && handler(event) !== false) event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}
