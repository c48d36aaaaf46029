import type { Json } from '../../../domain/json.ts'

declare global {
  interface JSON {
    /** What is written as it is (ES2026, and Node 22). */
    rawJSON(text: string): object
  }
}

const digits = /^-?(0|[1-9]\d{0,30})$/

/** The JSON, with texts of digits below these keys as integers of any length. */
export function jsonText(value: Json, integers: readonly string[] = []): string {
  if (integers.length === 0) return JSON.stringify(value)
  return JSON.stringify(value, (key, each: unknown) =>
    typeof each === 'string' && integers.includes(key) && digits.test(each) ? JSON.rawJSON(each) : each,
  )
}
