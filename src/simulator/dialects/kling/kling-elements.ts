import type { FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { fetchClip, fetchReference } from '../../clips/fetch-media.ts'
import { guarded, idOf, sendNotFound } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { unfetchable } from '../../faults/vendor-errors.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { accepted, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { withInteger } from './exact-json.ts'
import { longId } from './kling-speech.ts'

const path = '/v1/general/advanced-custom-elements'
const common = { element_name: z.string().min(1).max(20), element_description: z.string().min(1).max(100) }
const element = z.discriminatedUnion('reference_type', [
  z.object({
    ...common,
    reference_type: z.literal('video_refer'),
    element_video_list: z.object({ refer_videos: z.array(z.object({ video_url: z.string() })).length(1) }),
  }),
  z.object({
    ...common,
    reference_type: z.literal('image_refer'),
    element_image_list: z.object({
      frontal_image: z.string(),
      refer_images: z
        .array(z.object({ image_url: z.string() }))
        .min(1)
        .max(3),
    }),
  }),
])

/** Elements are made in jobs, from a video or from pictures (docs/vendors/video-apis.md#kling). */
export function serveElements(app: FastifyInstance, context: VendorContext): void {
  const { characters } = context.vendor
  app.post(path, guarded(context, 'character_create'), async (request, reply) => {
    const wanted = await readElement(fieldsOf(request.body), context)
    const made = takeCharacter(context, wanted, { request, reply, takesTime: true })
    if (made === null) return reply
    const data = { task_id: made.taskId, task_status: 'submitted', created_at: made.createdAt }
    return reply.send({ code: 0, message: 'SUCCEED', request_id: randomUUID(), data })
  })

  app.get(`${path}/:id`, guarded(context, 'character_read'), (request, reply) => {
    const made = characters.find(idOf(request))
    if (made === undefined) return sendNotFound(reply, context, idOf(request))
    characters.poll(made)
    const body = { code: 0, message: 'SUCCEED', request_id: randomUUID(), data: describe(made) }
    return reply.type('application/json; charset=utf-8').send(withInteger(body, 'element_id', made.id))
  })
}

async function readElement(
  fields: Record<string, unknown>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  const parsed = element.safeParse(fields)
  if (!parsed.success)
    return invalidType(String(parsed.error.issues[0]?.path[0] ?? 'reference_type'), 'another value')
  const { element_name: name, element_description: description } = parsed.data
  const made = { id: longId(), taskId: longId(), name, description }
  if (parsed.data.reference_type === 'video_refer') {
    const [url = ''] = parsed.data.element_video_list.refer_videos.map(({ video_url: each }) => each)
    if ((await fetchClip(url, closing)) === null) return unfetchable('element_video_list')
    return accepted({ ...made, source: { type: 'url', url } })
  }
  const { frontal_image: frontal, refer_images: others } = parsed.data.element_image_list
  for (const url of [frontal, ...others.map(({ image_url: each }) => each)])
    if ((await fetchReference(url, closing))?.kind !== 'image') return unfetchable('element_image_list')
  return accepted({ ...made, source: { type: 'url', url: frontal } })
}

const states = { pending: 'processing', ready: 'succeed', failed: 'failed' }

function describe({ id, name, taskId, state, failure }: SimulatedCharacter) {
  return {
    task_id: taskId,
    task_status: states[state],
    task_status_msg: failure?.message ?? '',
    ...(state === 'ready' && { task_result: { elements: [{ element_id: id, element_name: name }] } }),
  }
}
