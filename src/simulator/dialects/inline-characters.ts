import { createHash } from 'node:crypto'
import { readSpan } from '../clips/clip-span.ts'
import type { VendorContext } from '../dialect.ts'
import { fetchClip } from '../clips/fetch-media.ts'
import type { WantedCharacter } from '../jobs/accept-create.ts'
import { unfetchable } from '../faults/vendor-errors.ts'
import { accepted, invalidRequest } from '../jobs/vendor-error.ts'
import type { Verdict } from '../jobs/vendor-error.ts'

const param = 'character_timestamps'
const rules = { param, min: 1, max: 3, byDefault: null }

/**
 * The character in an ordinary create: `character_url` and `character_timestamps`, both of them, for a span of one to
 * three seconds (docs/vendors/resellers.md#characters-in-the-create). Null if there is none.
 */
export async function readInlineCharacter(
  fields: Record<string, unknown>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter | null>> {
  const url = fields['character_url']
  const timestamps = fields[param]
  if (url === undefined && timestamps === undefined) return accepted(null)
  if (typeof url !== 'string' || typeof timestamps !== 'string')
    return invalidRequest('character_url and character_timestamps belong together.', {
      code: 'invalid_parameter',
      param: url === undefined ? 'character_url' : param,
    })
  const clip = await fetchClip(url, closing)
  if (clip === null) return unfetchable('character_url')
  const span = readSpan(timestamps, rules, clip.seconds)
  if (!span.ok) return span
  // Derived from its content, so that a repeated create means the same character.
  const id = `ch_${createHash('sha256').update(`${url} ${timestamps}`).digest('hex').slice(0, 12)}`
  return accepted({ id, name: 'inline', source: { type: 'url', url }, span: span.value })
}

/** Stores it once the create that contained it was accepted. */
export function keepInlineCharacter({ vendor }: VendorContext, wanted: WantedCharacter): void {
  if (vendor.characters.find(wanted.id) !== undefined) return
  const { id, name, source, span = null } = wanted
  const createdAt = vendor.clock.now()
  const rest = { handle: id, taskId: null, groupId: null, description: null }
  vendor.characters.add({ id, name, source, span, createdAt, ...rest }, { type: 'made' })
}
