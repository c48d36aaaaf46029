import type { GenerationId } from '../../domain/ids.ts'

/** What a link shows of a generation. */
export const linkedParts = ['video', 'thumbnail'] as const
export type LinkedPart = (typeof linkedParts)[number]

export interface Linked {
  id: GenerationId
  part: LinkedPart
}

/** Signed, expiring URLs under the gateway's public address, for pages that show a video. Instants are ms since the epoch. */
export interface VideoLinks {
  sign(linked: Linked, expiresAt: number): string
  /** What a valid, unexpired token stands for; null for any other text. Compares in constant time. */
  verify(token: string, now: number): Linked | null
}
