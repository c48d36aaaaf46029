import { z } from 'zod'
import type { VendorContext } from '../../dialect.ts'
import { accepted, invalidRequest, invalidType, invalidValue } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { NamedMedium } from '../media/media-order.ts'

/** The last part of the path of a create: what the video is made from. */
export const klingKinds = ['text2video', 'image2video', 'multi-image2video', 'omni-video'] as const
export type KlingKind = (typeof klingKinds)[number]

/** Omni models have one path, the model for several pictures another. */
export function checkKlingModel({ vendor }: VendorContext, kind: KlingKind, model: unknown): Verdict<string> {
  const { models } = vendor.upstream
  const known = models.find((each) => each === model)
  const isOmni = /omni|-o1/.test(known ?? '')
  const isThere =
    kind === 'omni-video' ? isOmni : !isOmni && (kind !== 'multi-image2video' || known === 'kling-v1-6')
  return known !== undefined && isThere ? accepted(known) : invalidValue('model_name', model, models)
}

const url = z.string().min(1)
const omniImages = z.array(
  z.strictObject({ image_url: url, type: z.enum(['first_frame', 'end_frame']).optional() }),
)
const images = z
  .array(z.strictObject({ image: url }))
  .min(1)
  .max(4)
const videos = z.array(z.strictObject({ video_url: url, refer_type: z.enum(['feature', 'base']) })).max(1)
/** Integers, never text. */
const elements = z.array(z.strictObject({ element_id: z.union([z.int(), z.bigint()]) })).max(3)

interface KlingMedia {
  media: NamedMedium[]
  /** Ids of elements. */
  cast: string[]
}

export function readKlingMedia(fields: Record<string, unknown>, kind: KlingKind): Verdict<KlingMedia> {
  const cast = elements.safeParse(fields['element_list'] ?? [])
  if (!cast.success) return invalidType('element_list', 'at most three objects with an integer element_id')
  if (cast.data.length > 0 && kind === 'multi-image2video')
    return invalidRequest('elements are not supported here', { param: 'element_list' })
  const media = mediaOf(fields, kind)
  return media.ok
    ? accepted({ media: media.value, cast: cast.data.map(({ element_id: id }) => String(id)) })
    : media
}

function mediaOf(fields: Record<string, unknown>, kind: KlingKind): Verdict<NamedMedium[]> {
  switch (kind) {
    case 'text2video':
      return accepted([])
    case 'image2video':
      return framesOf(fields)
    case 'multi-image2video': {
      const listed = images.safeParse(fields['image_list'])
      if (!listed.success) return invalidType('image_list', 'one to four objects with image')
      return accepted(listed.data.map(({ image }) => ({ kind: 'image', role: 'reference', url: image })))
    }
    case 'omni-video':
      return omniOf(fields)
  }
}

function framesOf({ image, image_tail: tail }: Record<string, unknown>): Verdict<NamedMedium[]> {
  if (typeof image !== 'string' || image === '') return invalidType('image', 'a string')
  if (tail !== undefined && typeof tail !== 'string') return invalidType('image_tail', 'a string')
  return accepted([
    { kind: 'image', role: 'first_frame', url: image },
    ...(tail === undefined ? [] : [{ kind: 'image', role: 'last_frame', url: tail } as const]),
  ])
}

const roles = { first_frame: 'first_frame', end_frame: 'last_frame' } as const

function omniOf(fields: Record<string, unknown>): Verdict<NamedMedium[]> {
  const listed = omniImages.safeParse(fields['image_list'] ?? [])
  if (!listed.success) return invalidType('image_list', 'objects with image_url and type')
  const shown = videos.safeParse(fields['video_list'] ?? [])
  if (!shown.success) return invalidType('video_list', 'at most one object with video_url and refer_type')
  const has = (type: string) => listed.data.some((each) => each.type === type)
  if (listed.data.length > (shown.data.length > 0 ? 4 : 7))
    return invalidRequest('too many images', { param: 'image_list' })
  if (has('end_frame') && (!has('first_frame') || listed.data.length > 2))
    return invalidRequest('an end frame needs a first frame, and no more images', { param: 'image_list' })
  if (shown.data.length > 0 && fields['sound'] === 'on')
    return invalidRequest('there is no sound with a video', { param: 'sound' })
  return accepted([
    ...listed.data.map(({ image_url: address, type }): NamedMedium => {
      return { kind: 'image', role: type === undefined ? 'reference' : roles[type], url: address }
    }),
    ...shown.data.map(({ video_url: address }): NamedMedium => {
      return { kind: 'video', role: 'reference', url: address }
    }),
  ])
}
