import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { MediaId } from '../domain/ids.ts'
import type { MediaLinks } from '../ports/media-links.ts'
import { isMediaId } from './archive-files.ts'

/** Media id, content type, expiry in milliseconds since the epoch. */
const payload = z.tuple([z.custom<MediaId>(isMediaId), z.string().max(255), z.int()])

/** Far above any token made here; longer ones are not worth a hash. */
const maxToken = 1024

/**
 * URLs of the form `<public URL>/media/<payload>.<mac>`: base64url JSON, and its HMAC-SHA256 under `secret`. Changing the
 * secret ends every link there is.
 */
export function createMediaLinks(options: {
  secret: Uint8Array | string
  publicUrl: () => string
}): MediaLinks {
  if (options.secret.length < 16) throw new Error('The secret of media links needs at least 16 bytes.')
  return {
    sign(media, expiresAt) {
      const text = JSON.stringify([media.mediaId, media.contentType, expiresAt])
      return `${options.publicUrl().replace(/\/+$/, '')}/media/${seal(Buffer.from(text).toString('base64url'))}`
    },
    verify(token, now) {
      const sealed = token.split('.')[0]
      if (token.length > maxToken || sealed === undefined || !equal(seal(sealed), token)) return null
      const parsed = payload.safeParse(JSON.parse(Buffer.from(sealed, 'base64url').toString()))
      if (!parsed.success) return null
      const [mediaId, contentType, expiresAt] = parsed.data
      return now < expiresAt ? { mediaId, contentType } : null
    },
  }

  function seal(text: string): string {
    // The label keeps these MACs apart from others made with the same secret.
    return `${text}.${createHmac('sha256', options.secret).update(`media-link\0${text}`).digest('base64url')}`
  }
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
