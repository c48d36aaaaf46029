import type { Language } from '../words/define-words.ts'
import { byLanguage } from './by-language.ts'

const steps = [
  { unit: 'second', seconds: 1, below: 60 },
  { unit: 'minute', seconds: 60, below: 3600 },
  { unit: 'hour', seconds: 3600, below: 86_400 },
  { unit: 'day', seconds: 86_400, below: Infinity },
] as const

const ages = byLanguage(
  (language) => new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'auto' }),
)
const instants = byLanguage(
  (language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }),
)

/** `8 min. ago`; `now` and `at` in milliseconds since 1970. */
export function formatAge(at: number, now: number, language: Language): string {
  const seconds = Math.round((at - now) / 1000)
  const step = steps.find(({ below }) => Math.abs(seconds) < below) ?? steps[3]
  return ages(language).format(Math.trunc(seconds / step.seconds), step.unit)
}

/** Day and time to the second, in the time zone of the person. */
export function formatInstant(at: number, language: Language): string {
  return instants(language).format(at)
}

/** `2.6s`, `4m 12s`, `1h 5m`. */
export function formatSeconds(seconds: number, language: Language): string {
  const unit = (value: number, name: 'second' | 'minute' | 'hour', digits = 0) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'narrow',
      maximumFractionDigits: digits,
    }).format(value)
  if (seconds < 60) return unit(seconds, 'second', seconds < 10 ? 1 : 0)
  const whole = Math.round(seconds)
  if (whole < 3600) return joined([unit(Math.floor(whole / 60), 'minute'), unit(whole % 60, 'second')])
  return joined([unit(Math.floor(whole / 3600), 'hour'), unit(Math.floor((whole % 3600) / 60), 'minute')])
}

function joined(parts: string[]): string {
  return parts.join(' ')
}
