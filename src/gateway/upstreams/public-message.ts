import type { Redact } from './calls/redaction.ts'

const maxLength = 300

/** Makes a vendor's text safe to store, log and display: one line of at most 300 characters, without keys. */
export function createPublicMessage(redact: Redact): (text: string) => string {
  return (text) => {
    const clean = redact(text)
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .trim()
    return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1).toWellFormed()}…`
  }
}
