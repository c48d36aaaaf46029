import { z } from 'zod'
import type { VendorContext } from '../../dialect.ts'
import { accepted, invalidRequest, invalidType, invalidValue } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { NamedMedium } from '../media/media-order.ts'

/** The last part of a create's path: the inputs of the video. */
export const viduKinds = ['text2video', 'img2video', 'start-end2video', 'reference2video'] as const
export type ViduKind = (typeof viduKinds)[number]

const isReferring = (kind: ViduKind) => kind === 'reference2video'
/** Frames determine the ratio. */
export const takesRatio = (kind: ViduKind) => kind === 'text2video' || isReferring(kind)

/** Some models have another name, or do not exist, on some of the paths. */
export function checkViduModel({ vendor }: VendorContext, kind: ViduKind, model: unknown): Verdict<string> {
  const { models } = vendor.upstream
  const known = models.find((each) => each === model)
  const isThere =
    known !== undefined &&
    (isReferring(kind) ? known !== 'viduq3-pro' : known !== 'viduq3') &&
    (kind !== 'text2video' || known !== 'viduq2-pro')
  return isThere ? accepted(known) : invalidValue('model', model, models)
}

const texts = z.array(z.string().min(1))
const subjects = z.array(z.strictObject({ name: z.string().min(1), server_id: z.string().min(1) }))
const counts: Readonly<Record<ViduKind, [least: number, most: number]>> = {
  text2video: [0, 0],
  img2video: [1, 1],
  'start-end2video': [2, 2],
  reference2video: [0, 7],
}
const roles = ['first_frame', 'last_frame'] as const

interface ViduMedia {
  media: NamedMedium[]
  /** Ids of stored subjects. */
  cast: string[]
}

/** `images`, `videos` and `subjects`, as many as the path accepts. Subjects cannot be combined with the others. */
export function readViduMedia(fields: Record<string, unknown>, kind: ViduKind): Verdict<ViduMedia> {
  const images = texts.safeParse(fields['images'] ?? [])
  if (!images.success) return invalidType('images', 'an array of strings')
  const videos = texts.safeParse(fields['videos'] ?? [])
  if (!videos.success) return invalidType('videos', 'an array of strings')
  const cast = subjects.safeParse(fields['subjects'] ?? [])
  if (!cast.success) return invalidType('subjects', 'an array of objects with name and server_id')
  const [least, most] = counts[kind]
  if (images.data.length < least || images.data.length > most) return outOfRange('images')
  if (videos.data.length > (fields['model'] === 'viduq2-pro' && isReferring(kind) ? 2 : 0))
    return outOfRange('videos')
  if (cast.data.length > (isReferring(kind) ? 7 : 0)) return outOfRange('subjects')
  const shown = images.data.length + videos.data.length
  if (isReferring(kind) && shown > 0 === cast.data.length > 0)
    return invalidRequest('expected either subjects, or images and videos', { param: 'subjects' })
  if (new Set(cast.data.map(({ name }) => name)).size < cast.data.length)
    return invalidRequest('names of subjects have to differ', { param: 'subjects' })
  return accepted({
    media: [
      ...images.data.map((url, index): NamedMedium => {
        const role = isReferring(kind) ? 'reference' : (roles[index] ?? 'reference')
        return { kind: 'image', role, url }
      }),
      ...videos.data.map((url): NamedMedium => ({ kind: 'video', role: 'reference', url })),
    ],
    cast: cast.data.map(({ server_id: id }) => id),
  })
}

function outOfRange(param: string) {
  return invalidRequest(`field item count out of range: ${param}`, { param })
}
