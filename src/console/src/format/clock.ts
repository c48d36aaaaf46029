import type { Language } from '../words/define-words.ts'

/** The time of day to the second, with the date if it is another day than that of `now`; in the time zone of the person. */
export function formatClock(at: number, now: number, language: Language): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(language, {
    ...(!isToday && { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    ...(isToday && { second: '2-digit' }),
    hourCycle: 'h23',
  }).format(at)
}

/** Hours and minutes. */
export function formatHour(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    at,
  )
}
