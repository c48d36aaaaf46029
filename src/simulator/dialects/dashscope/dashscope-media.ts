import { z } from 'zod'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { NamedMedium } from '../media/media-order.ts'

const types = {
  first_frame: { kind: 'image', role: 'first_frame' },
  last_frame: { kind: 'image', role: 'last_frame' },
  reference_image: { kind: 'image', role: 'reference' },
  reference_video: { kind: 'video', role: 'reference' },
  reference_audio: { kind: 'audio', role: 'reference' },
} as const
type MediaType = keyof typeof types

const list = z.array(
  z.strictObject({
    type: z.enum(['first_frame', 'last_frame', 'reference_image', 'reference_video', 'reference_audio']),
    url: z.string().min(1),
  }),
)
const most: Readonly<Record<MediaType, number>> = {
  first_frame: 1,
  last_frame: 1,
  reference_image: 10,
  reference_video: 5,
  reference_audio: 5,
}

/** `input.media`, as the model takes it: Wan 3.0 knows every kind, of the others each knows its own. */
export function readDashscopeMedia(media: unknown, model: unknown): Verdict<NamedMedium[]> {
  const parsed = list.safeParse(media ?? [])
  if (!parsed.success) return invalidType('input.media', 'an array of objects with a known type and url')
  const count = (type: MediaType) => parsed.data.filter((each) => each.type === type).length
  const isFramed = count('first_frame') + count('last_frame') > 0
  const references = parsed.data.length - count('first_frame') - count('last_frame')
  for (const { type } of parsed.data)
    if (count(type) > most[type]) return invalid(`at most ${most[type]} of ${type} are supported`)
  if (isFramed && references > 0) return invalid('frames and references are mutually exclusive')
  if (count('last_frame') > count('first_frame')) return invalid('last_frame requires first_frame')
  const kind = /-([tir]2v)\b/.exec(String(model))?.[1]
  if (kind === 't2v' && parsed.data.length > 0) return invalid('this model takes no media')
  if (kind === 'i2v' && !isFramed) return invalid('this model requires first_frame')
  if (kind === 'r2v' && references === 0) return invalid('this model requires references')
  return accepted(parsed.data.map(({ type, url }) => ({ ...types[type], url })))
}

function invalid(message: string) {
  return invalidRequest(message, { param: 'input.media' })
}
