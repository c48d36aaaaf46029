import { useSyncExternalStore } from 'react'

const storageKey = 'understudy.single_keys'
const listeners = new Set<() => void>()

/** Whether single characters are shortcuts in this browser. */
export function areSingleKeysOn(): boolean {
  return localStorage.getItem(storageKey) !== 'off'
}

function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, 'off')
  for (const listener of listeners) listener()
}

/** The setting, and how to change it. */
export function useSingleKeys(): { areOn: boolean; setOn: (on: boolean) => void } {
  const areOn = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, areSingleKeysOn)
  return { areOn, setOn: setSingleKeys }
}
