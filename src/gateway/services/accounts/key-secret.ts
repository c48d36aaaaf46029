import { hash, randomBytes } from 'node:crypto'

const hintLength = 4

/** A secret that nobody guesses: 256 bits, random ones where none are given. */
export function newSecret(bits: Buffer = randomBytes(32)): string {
  return `und_${bits.toString('base64url')}`
}

/** In hex. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** What is shown of a secret that is kept as a hash. */
export function hintOf(secret: string): string {
  return secret.slice(-hintLength)
}
