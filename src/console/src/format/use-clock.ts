import { useMemo } from 'react'
import { useLanguage } from '../words/language.tsx'
import { formatClock, formatHour } from './clock.ts'

/** Times of day as the language of the person writes them, from RFC 3339. */
export function useClock() {
  const { language } = useLanguage()
  return useMemo(
    () => ({
      clock: (iso: string) => formatClock(Date.parse(iso), Date.now(), language),
      hour: (iso: string) => formatHour(Date.parse(iso), language),
    }),
    [language],
  )
}
