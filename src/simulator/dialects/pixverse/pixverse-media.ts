import { z } from 'zod'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { NamedMedium } from '../media/media-order.ts'

/** The part of the path of a create that says what the video is made from. */
export const pixverseKinds = ['text', 'img', 'transition', 'fusion'] as const
export type PixverseKind = (typeof pixverseKinds)[number]

const id = z.int()
const reference = z.strictObject({
  type: z.enum(['subject', 'background']),
  img_id: id,
  ref_name: z.string().min(1).max(30),
})
const fields: Readonly<Record<PixverseKind, z.ZodType<Array<Pick<NamedMedium, 'role'> & { id: number }>>>> = {
  text: z.looseObject({}).transform(() => []),
  img: z
    .looseObject({ img_id: id })
    .transform((given) => [{ id: given.img_id, role: 'first_frame' as const }]),
  transition: z.looseObject({ first_frame_img: id, last_frame_img: id }).transform((given) => [
    { id: given.first_frame_img, role: 'first_frame' as const },
    { id: given.last_frame_img, role: 'last_frame' as const },
  ]),
  fusion: z
    .looseObject({ image_references: z.array(reference).min(1).max(7) })
    .refine(({ image_references: all }) => new Set(all.map((each) => each.ref_name)).size === all.length)
    .transform((given) =>
      given.image_references.map((each) => ({ id: each.img_id, role: 'reference' as const })),
    ),
}
const names = ['img_id', 'first_frame_img', 'last_frame_img', 'image_references']
const known: Readonly<Record<PixverseKind, readonly string[]>> = {
  text: [],
  img: ['img_id'],
  transition: ['first_frame_img', 'last_frame_img'],
  fusion: ['image_references'],
}

/** The pictures that a create names, by the ids of their uploads. */
export function readPictures(
  kind: PixverseKind,
  given: Record<string, unknown>,
  uploads: ReadonlyMap<number, string>,
): Verdict<NamedMedium[]> {
  const other = names.find((name) => given[name] !== undefined && !known[kind].includes(name))
  if (other !== undefined) return invalidRequest('Invalid parameter', { param: other })
  const parsed = fields[kind].safeParse(given)
  if (!parsed.success) return invalidRequest('Invalid parameter', { param: known[kind][0] ?? 'body' })
  const media: NamedMedium[] = []
  for (const { id: upload, role } of parsed.data) {
    const url = uploads.get(upload)
    if (url === undefined) return invalidRequest('Invalid image ID', { param: 'img_id' })
    media.push({ kind: 'image', role, url })
  }
  return accepted(media)
}

/** Names of the fields that hold pictures, for what is left over. */
export const pictureFields: readonly string[] = names
