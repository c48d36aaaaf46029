import { z } from 'zod'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { NamedMedium } from '../media/media-order.ts'

const address = z.object({ url: z.string().min(1) })
const parts = z.array(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({
      type: z.literal('image_url'),
      image_url: address,
      role: z.enum(['first_frame', 'last_frame', 'reference_image']).default('first_frame'),
    }),
    z.object({ type: z.literal('video_url'), video_url: address, role: z.literal('reference_video') }),
    z.object({ type: z.literal('audio_url'), audio_url: address, role: z.literal('reference_audio') }),
  ]),
)

interface Content {
  prompt: string | undefined
  /** Of an asset library: `asset://…`. */
  assets: string[]
  media: NamedMedium[]
}

/** `content[]` with roles, as Ark and MiniMax have it (docs/vendors/video-apis.md#ark). */
export function readContent(content: unknown): Verdict<Content> {
  const parsed = parts.safeParse(content ?? [])
  if (!parsed.success) return invalidType('content', 'an array of parts with known roles')
  const prompt = parsed.data.flatMap((part) => (part.type === 'text' ? [part.text] : []))[0]
  const media = parsed.data.flatMap(mediumOf)
  const assets = media.flatMap(({ url }) => /^asset:\/\/(.+)$/.exec(url)?.[1] ?? [])
  return accepted({ prompt, assets, media })
}

function mediumOf(part: z.output<typeof parts>[number]): NamedMedium[] {
  switch (part.type) {
    case 'text':
      return []
    case 'image_url': {
      const role = part.role === 'reference_image' ? 'reference' : part.role
      return [{ kind: 'image', role, url: part.image_url.url }]
    }
    case 'video_url':
      return [{ kind: 'video', role: 'reference', url: part.video_url.url }]
    case 'audio_url':
      return [{ kind: 'audio', role: 'reference', url: part.audio_url.url }]
  }
}

/** Frames and references are different ways to make a video (docs/vendors/video-apis.md#ark). */
export function withoutMixture(
  { media }: Content,
  isLastAloneFine: boolean,
): Verdict<readonly NamedMedium[]> {
  const has = (role: NamedMedium['role']) => media.some((each) => each.role === role)
  const isFramed = has('first_frame') || has('last_frame')
  const details = { code: 'InvalidParameter', param: 'content' }
  if (isFramed && has('reference'))
    return invalidRequest('first/last frame content cannot be mixed with reference media content', details)
  if (has('last_frame') && !has('first_frame') && !isLastAloneFine)
    return invalidRequest('a last frame needs a first frame', details)
  return accepted(media)
}
