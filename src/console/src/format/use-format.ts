import { useMemo } from 'react'
import { useLanguage } from '../words/language.tsx'
import { byLanguage } from './by-language.ts'
import { formatUsd } from './money.ts'
import { formatAge, formatInstant, formatSeconds } from './time.ts'

const numbers = byLanguage((language) => new Intl.NumberFormat(language, { maximumFractionDigits: 1 }))

/** Amounts, times and numbers as the language of the person writes them. */
export function useFormat() {
  const { language } = useLanguage()
  return useMemo(
    () => ({
      usd: (amount: number) => formatUsd(amount, language),
      age: (iso: string, now = Date.now()) => formatAge(Date.parse(iso), now, language),
      instant: (iso: string) => formatInstant(Date.parse(iso), language),
      seconds: (seconds: number) => formatSeconds(seconds, language),
      number: (value: number) => numbers(language).format(value),
      percent: (share: number) =>
        new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share),
      bytes: (bytes: number) =>
        new Intl.NumberFormat(language, {
          style: 'unit',
          unit: bytes < 1e6 ? 'kilobyte' : 'megabyte',
          maximumFractionDigits: bytes < 1e6 ? 0 : 1,
        }).format(bytes < 1e6 ? bytes / 1e3 : bytes / 1e6),
    }),
    [language],
  )
}
