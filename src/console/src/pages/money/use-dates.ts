import { useMemo } from 'react'
import { useLanguage } from '../../words/language.tsx'

/** Days and months of UTC in the language of the person. */
export function useDates() {
  const { language } = useLanguage()
  return useMemo(() => {
    const format = (options: Intl.DateTimeFormatOptions) => {
      const made = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' })
      return (day: string) => made.format(Date.parse(day))
    }
    return {
      day: format({ year: 'numeric', month: 'short', day: 'numeric' }),
      shortDay: format({ month: 'short', day: 'numeric' }),
      month: format({ year: 'numeric', month: 'long' }),
    }
  }, [language])
}
