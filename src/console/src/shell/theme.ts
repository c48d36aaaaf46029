import { useSyncExternalStore } from 'react'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const storageKey = 'understudy.theme'
const listeners = new Set<() => void>()

function currentTheme(): Theme {
  const kept = localStorage.getItem(storageKey)
  return themes.find((theme) => theme === kept) ?? 'system'
}

/** `data-theme` overrides what the system prefers. */
export function applyTheme(): void {
  const theme = currentTheme()
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

function themeChanged(): void {
  applyTheme()
  for (const listener of listeners) listener()
}

function setTheme(theme: Theme): void {
  localStorage.setItem(storageKey, theme)
  themeChanged()
}

/** Takes over what another tab chooses; only other tabs cause this event. */
export function followTheme(): void {
  window.addEventListener('storage', ({ key }) => {
    if (key === storageKey) themeChanged()
  })
}

export function useTheme(): { theme: Theme; setTheme: (theme: Theme) => void } {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, currentTheme)
  return { theme, setTheme }
}
