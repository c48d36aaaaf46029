import { createHash } from 'node:crypto'

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** SHA-256 over what was asked: the parsed body, whatever the order of its members, and the digest of an uploaded file. */
export function requestHash(body: object, uploadSha256: string | null): string {
  const canonical = JSON.stringify([body, uploadSha256], sortKeys)
  return createHash('sha256').update(canonical).digest('hex')
}
