import {
  createContext,
  use,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
  useTransition,
} from 'react'
import type { ReactNode } from 'react'
import { fill, languages } from './define-words.ts'
import type { Arguments, Dictionary, Language, Translated, Words } from './define-words.ts'

const storageKey = 'understudy.language'

interface LanguageContext {
  language: Language
  setLanguage: (language: Language) => void
}

const Context = createContext<LanguageContext>({ language: 'en', setLanguage: () => undefined })

function isLanguage(value: string | null): value is Language {
  return languages.some((language) => language === value)
}

/** What was chosen here before; else the first language of the browser that there is. All Chinese readers get zh-Hant. */
function initialLanguage(): Language {
  const kept = localStorage.getItem(storageKey)
  if (isLanguage(kept)) return kept
  const [first] = navigator.languages.flatMap((tag): Language[] => {
    if (tag.startsWith('zh')) return ['zh-Hant']
    return tag.startsWith('en') ? ['en'] : []
  })
  return first ?? 'en'
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setCurrent] = useState(initialLanguage)
  const [, startTransition] = useTransition()
  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem(storageKey, next)
    // The old words stay on the screen until the new ones have come.
    startTransition(() => setCurrent(next))
  }, [])
  useEffect(() => {
    const follow = ({ key, newValue }: StorageEvent) => {
      if (key === storageKey && isLanguage(newValue)) startTransition(() => setCurrent(newValue))
    }
    // Only other tabs cause this event.
    window.addEventListener('storage', follow)
    return () => window.removeEventListener('storage', follow)
  }, [])
  useLayoutEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const context = useMemo(() => ({ language, setLanguage }), [language, setLanguage])
  return <Context value={context}>{children}</Context>
}

export function useLanguage(): LanguageContext {
  return use(Context)
}

/** `t(key, values)`: the words of one screen in the language chosen. Suspends while they are loaded. */
export type Translate<Texts extends Dictionary> = <Key extends keyof Texts>(
  key: Key,
  ...values: Arguments<Texts[Key]>
) => string

export function useWords<Texts extends Dictionary>(words: Words<Texts>): Translate<Texts> {
  const { language } = useLanguage()
  const texts: Translated<Texts> = language === 'en' ? words.en : use(words.load(language))
  return useCallback((key, ...[values]) => fill(texts[key], values ?? {}, language), [texts, language])
}
