import { z } from 'zod'
import type { SheetLinks } from '../../ports/characters/sheet-links.ts'
import { baseOf, createSeal, type LinkOptions } from './sealed-token.ts'

/** Comparison id, expiry in milliseconds since the epoch, round; links of an earlier release name no round. */
const sheetPayload = z.tuple([z.templateLiteral(['cmp_', z.string()]), z.int(), z.int().default(0)])

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
