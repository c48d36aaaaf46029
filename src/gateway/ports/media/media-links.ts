import type { MediaId } from '../../domain/ids.ts'

export interface SharedMedia {
  mediaId: MediaId
  contentType: string
}

/** Signed, expiring URLs under the gateway's public address, for vendors that download their inputs. */
export interface MediaLinks {
  sign(media: SharedMedia, expiresAt: number): string
  /** The content of a valid, unexpired token; null otherwise. Compares in constant time. */
  verify(token: string, now: number): SharedMedia | null
}
