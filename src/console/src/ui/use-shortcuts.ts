import { useEffect, useRef } from 'react'

const storageKey = 'understudy.shortcuts'

/** Single letters can be switched off, for people whose speech or hands press them unmeant. */
export function areShortcutsOn(): boolean {
  return localStorage.getItem(storageKey) !== 'off'
}

export function setShortcuts(isOn: boolean): void {
  if (isOn) localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, 'off')
}

/** Whether a key that is pressed there belongs to what is typed, or to a dialog. */
function isTaken(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]') !== null) return true
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.matches('textarea, select')) return true
  return target.matches('input:not([type="checkbox"], [type="radio"])')
}

type Handler = (event: KeyboardEvent) => void

/** Keys of a screen, by `event.key`. They work outside of fields and dialogs, without modifiers, and not while text is composed. */
export function useShortcuts(handlers: Readonly<Record<string, Handler>>): void {
  const latest = useRef(handlers)
  useEffect(() => {
    latest.current = handlers
  })
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey)
        return
      if (isTaken(event.target)) return
      if (event.key.length === 1 && !areShortcutsOn()) return
      latest.current[event.key]?.(event)
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}
