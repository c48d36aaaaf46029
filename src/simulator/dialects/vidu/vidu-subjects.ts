import type { FastifyInstance } from 'fastify'
import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { fetchClip, fetchReference } from '../../clips/fetch-media.ts'
import { guarded } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { unfetchable } from '../../faults/vendor-errors.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'

const body = z.object({
  name: z.string().min(1),
  images: z.array(z.string()).max(3).default([]),
  videos: z.array(z.string()).max(1).default([]),
  voice_id: z.string().optional(),
})
const longestSeconds = 5

/** `POST /ent/v2/subjects`: created immediately, from pictures or a video. Creates refer to them by `server_id`. */
export function serveSubjects(app: FastifyInstance, context: VendorContext): void {
  app.post('/ent/v2/subjects', guarded(context, 'character_create'), async (request, reply) => {
    const fields = fieldsOf(request.body)
    const wanted = await readSubject(fields, context)
    const subject = takeCharacter(context, wanted, { request, reply, takesTime: false })
    if (subject === null) return reply
    const { images = [], videos = [] } = body.partial().parse(fields)
    return reply.send({ id: subject.id, name: subject.name, images, videos, voice_id: '', credits: 5 })
  })
}

async function readSubject(
  fields: Record<string, unknown>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  const parsed = body.safeParse(fields)
  if (!parsed.success) return invalidType('subject', 'a name with up to three images or one video')
  const { name, images, videos } = parsed.data
  const made = (url: string) =>
    accepted({ id: `33${randomInt(1e12, 1e13)}`, name, source: { type: 'url', url } as const })
  const [video] = videos
  if (video !== undefined) {
    const clip = await fetchClip(video, closing)
    if (clip === null) return unfetchable('videos')
    return (clip.seconds ?? 0) > longestSeconds
      ? invalidRequest('video duration out of range', { param: 'videos' })
      : made(video)
  }
  for (const url of images)
    if ((await fetchReference(url, closing))?.kind !== 'image') return unfetchable('images')
  const [image] = images
  return image === undefined
    ? invalidRequest('expected at least one image or a video', { param: 'images' })
    : made(image)
}
