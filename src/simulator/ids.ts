import { randomBytes } from 'node:crypto'

export const hex = (bytes: number) => randomBytes(bytes).toString('hex')

/** Such as `5b7d0c9e-…`. */
export function uuid(): string {
  const digits = hex(16)
  return [0, 8, 12, 16, 20].map((start, index, all) => digits.slice(start, all[index + 1] ?? 32)).join('-')
}

/** `amber.1f3c`: the username form of docs/vendors/resellers.md#mentions-of-characters, derived from the caller's name. */
export function handleOf(name: string): string {
  const stem = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 24)
  return `${stem === '' ? 'cast' : stem}.${hex(3)}`
}
