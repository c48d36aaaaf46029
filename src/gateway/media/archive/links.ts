import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { MediaId } from '../../domain/ids.ts'
import type { MediaLinks } from '../../ports/media/media-links.ts'
import type { SheetLinks } from '../../ports/characters/sheet-links.ts'
import { isMediaId } from './archive-files.ts'

/** Media id, content type, expiry in milliseconds since the epoch. */
const payload = z.tuple([z.custom<MediaId>(isMediaId), z.string().max(255), z.int()])

/** Comparison id, expiry in milliseconds since the epoch, round; links of an earlier release name no round. */
const sheetPayload = z.tuple([z.templateLiteral(['cmp_', z.string()]), z.int(), z.int().default(0)])

/** Far above any token made here; longer ones are not worth a hash. */
const maxToken = 1024

/**
 * URLs of the form `<public URL>/media/<payload>.<mac>`: base64url JSON, and its HMAC-SHA256 under `secret`. Changing the
 * secret ends every link there is.
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

/** URLs of the form `<public URL>/sheets/<payload>.<mac>`. */
export function createSheetLinks(options: LinkOptions): SheetLinks {
  const seal = createSeal(options.secret, 'sheet-link')
  return {
    sign: (id, round, expiresAt) =>
      `${baseOf(options)}/sheets/${seal.close(JSON.stringify([id, expiresAt, round]))}`,
    verify(token, now) {
      const parsed = sheetPayload.safeParse(seal.open(token))
      if (!parsed.success) return null
      const [id, expiresAt, round] = parsed.data
      return now < expiresAt ? { id, round } : null
    },
  }
}

interface LinkOptions {
  secret: Uint8Array | string
  publicUrl: () => string
}

function baseOf({ publicUrl }: LinkOptions): string {
  return publicUrl().replace(/\/+$/, '')
}

/** The label keeps the MACs of one purpose apart from those of others made with the same secret. */
function createSeal(secret: Uint8Array | string, label: string) {
  if (secret.length < 16) throw new Error('The secret of media links needs at least 16 bytes.')
  const seal = (text: string): string =>
    `${text}.${createHmac('sha256', secret).update(`${label}\0${text}`).digest('base64url')}`
  return {
    close: (json: string): string => seal(Buffer.from(json).toString('base64url')),
    /** The JSON value of a token that was closed here; null otherwise. */
    open(token: string): unknown {
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
