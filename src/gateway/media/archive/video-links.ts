import { z } from 'zod'
import { isGenerationId } from '../../domain/ids.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { linkedParts } from '../../ports/media/video-links.ts'
import type { VideoLinks } from '../../ports/media/video-links.ts'
import { baseOf, createSeal, type LinkOptions } from './sealed-token.ts'

/** Generation id, part, expiry in milliseconds since the epoch. */
const payload = z.tuple([
  z.custom<GenerationId>((given) => typeof given === 'string' && isGenerationId(given)),
  z.enum(linkedParts),
  z.int(),
])

/** URLs of the form `<public URL>/media/<payload>.<mac>`, as those of media links, under a seal of their own. */
export function createVideoLinks(options: LinkOptions): VideoLinks {
  const seal = createSeal(options.secret, 'video-link')
  return {
    sign: ({ id, part }, expiresAt) =>
      `${baseOf(options)}/media/${seal.close(JSON.stringify([id, part, expiresAt]))}`,
    verify(token, now) {
      const parsed = payload.safeParse(seal.open(token))
      if (!parsed.success) return null
      const [id, part, expiresAt] = parsed.data
      return now < expiresAt ? { id, part } : null
    },
  }
}
