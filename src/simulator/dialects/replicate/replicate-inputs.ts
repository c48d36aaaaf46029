import { z } from 'zod'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { NamedMedium } from '../media/media-order.ts'

/** Inputs that most models have, beside frames (docs/vendors/video-apis.md#replicate). */
export const inputNames = [
  'prompt',
  'duration',
  'aspect_ratio',
  'resolution',
  'seed',
  'negative_prompt',
  'generate_audio',
  'reference_images',
  'reference_videos',
  'reference_audios',
  'camera_fixed',
  'prompt_optimizer',
]

interface FrameNames {
  first: string
  last: string
}

const byOwner: Record<string, FrameNames> = {
  kwaivgi: { first: 'start_image', last: 'end_image' },
  minimax: { first: 'first_frame_image', last: 'last_frame_image' },
  bytedance: { first: 'image', last: 'last_frame_image' },
  'wan-video': { first: 'image', last: 'last_image' },
}

/** What the models of this owner call frames. */
export function framesOf(model: string): FrameNames {
  return byOwner[model.split('/')[0] ?? ''] ?? { first: 'image', last: 'last_frame' }
}

const address = z.url({ protocol: /^https?$|^data$/ })
const addresses = z.array(address).default([])

export function mediaIn(
  input: Record<string, unknown>,
  { first, last }: FrameNames,
): Verdict<readonly NamedMedium[]> {
  const read = z
    .object({
      first: address.optional(),
      last: address.optional(),
      images: addresses,
      videos: addresses,
      audios: addresses,
    })
    .safeParse({
      first: input[first],
      last: input[last],
      images: input['reference_images'],
      videos: input['reference_videos'],
      audios: input['reference_audios'],
    })
  if (!read.success) return invalidRequest('Does not match format uri', { param: first })
  const { data } = read
  if (data.last !== undefined && data.first === undefined)
    return invalidRequest(`${last} is used with ${first} alone`, { param: last })
  return accepted([
    ...listed('image', 'first_frame', data.first),
    ...listed('image', 'last_frame', data.last),
    ...listed('image', 'reference', ...data.images),
    ...listed('video', 'reference', ...data.videos),
    ...listed('audio', 'reference', ...data.audios),
  ])
}

function listed(
  kind: NamedMedium['kind'],
  role: NamedMedium['role'],
  ...urls: Array<string | undefined>
): NamedMedium[] {
  return urls.flatMap((url) => (url === undefined ? [] : [{ kind, role, url }]))
}
