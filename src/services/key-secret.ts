import { hash, randomBytes } from 'node:crypto'

const hintLength = 4

/** A secret that nobody guesses: 256 random bits. */
export function newSecret(): string {
  return `und_${randomBytes(32).toString('base64url')}`
}

/** In hex. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** What is shown of a secret that is kept as a hash. */
export function hintOf(secret: string): string {
  return secret.slice(-hintLength)
}
