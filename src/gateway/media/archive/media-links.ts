import { z } from 'zod'
import type { MediaId } from '../../domain/ids.ts'
import type { MediaLinks } from '../../ports/media/media-links.ts'
import { isMediaId } from './archive-files.ts'
import { baseOf, createSeal, type LinkOptions } from './sealed-token.ts'

/** Media id, content type, expiry in milliseconds since the epoch. */
const payload = z.tuple([z.custom<MediaId>(isMediaId), z.string().max(255), z.int()])

/**
 * URLs of the form `<public URL>/media/<payload>.<mac>`: base64url JSON and its HMAC-SHA256 under `secret`. Changing
 * the secret invalidates all links.
 */
export function createMediaLinks(options: LinkOptions): MediaLinks {
  const seal = createSeal(options.secret, 'media-link')
  return {
    sign(media, expiresAt) {
      const text = JSON.stringify([media.mediaId, media.contentType, expiresAt])
      return `${baseOf(options)}/media/${seal.close(text)}`
    },
    verify(token, now) {
      const parsed = payload.safeParse(seal.open(token))
      if (!parsed.success) return null
      const [mediaId, contentType, expiresAt] = parsed.data
      return now < expiresAt ? { mediaId, contentType } : null
    },
  }
}
