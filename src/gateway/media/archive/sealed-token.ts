import { createHmac, timingSafeEqual } from 'node:crypto'
import type { TokenSeal } from '../../ports/token-seal.ts'

/** Far longer than any token created here. Longer ones are rejected without hashing. */
const maxToken = 1024

export interface LinkOptions {
  secret: Uint8Array | string
  publicUrl: () => string
}

export function baseOf({ publicUrl }: LinkOptions): string {
  return publicUrl().replace(/\/+$/, '')
}

/** `label` separates the MACs of different purposes that share a secret. */
export function createSeal(secret: Uint8Array | string, label: string): TokenSeal {
  if (secret.length < 16) throw new Error('The secret of media links needs at least 16 bytes.')
  const seal = (text: string): string =>
    `${text}.${createHmac('sha256', secret).update(`${label}\0${text}`).digest('base64url')}`
  return {
    close: (json) => seal(Buffer.from(json).toString('base64url')),
    open(token): unknown {
      const sealed = token.split('.')[0]
      if (token.length > maxToken || sealed === undefined || !equal(seal(sealed), token)) return null
      return JSON.parse(Buffer.from(sealed, 'base64url').toString())
    },
  }
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
