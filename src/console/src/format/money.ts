import type { Language } from '../words/define-words.ts'

const formats = new Map<string, Intl.NumberFormat>()

/** US dollars with cents; amounts below ten cents with up to four decimals, so that $0.0025 is not $0.00. */
export function formatUsd(usd: number, language: Language): string {
  const digits = usd !== 0 && Math.abs(usd) < 0.1 ? 4 : 2
  const key = `${language} ${digits}`
  const format =
    formats.get(key) ??
    new Intl.NumberFormat(language, {
      style: 'currency',
      currency: 'USD',
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: 2,
      maximumFractionDigits: digits,
    })
  formats.set(key, format)
  return format.format(usd)
}
