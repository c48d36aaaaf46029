import { createHash } from 'node:crypto'

/** A UUID (version 8) derived from an idempotency key: the same for every submission of one attempt, also after a restart. */
export function uuidOf(idempotencyKey: string): string {
  const hex = createHash('sha256').update(`uuid ${idempotencyKey}`).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) % 4) + 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

/** A seed below 2^31, derived in the same way. */
export function seedOf(idempotencyKey: string): number {
  return createHash('sha256').update(`seed ${idempotencyKey}`).digest().readUInt32BE() % 2 ** 31
}
