import type { MediaId } from '../../domain/ids.ts'

export interface SharedMedia {
  mediaId: MediaId
  contentType: string
}

/** Signed, expiring URLs under this gateway's public address, for vendors that fetch what they are given. */
export interface MediaLinks {
  sign(media: SharedMedia, expiresAt: number): string
  /** What a valid, unexpired token stands for; null otherwise. Compared in constant time. */
  verify(token: string, now: number): SharedMedia | null
}
