import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { guarded } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { fetchClip } from '../../clips/fetch-media.ts'
import { hex } from '../../ids.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { jobUnknown, unfetchable } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'

const characterName = z.string().min(1).max(80)
const fromUrl = z.object({ video_url: z.url(), name: characterName, description: z.string().optional() })
const fromTask = z.object({ task_id: z.string(), name: characterName })

/** The characters of docs/vendors/resellers.md#the-sora-tasks-protocol: from a URL or a finished task, and their list. */
export function serveSoraCharacters(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context

  app.post('/v1/sora/characters', guarded(context, 'character_create'), async (request, reply) => {
    const wanted = await readFromUrl(request.body, context)
    const character = takeCharacter(context, wanted, { request, reply, takesTime: false })
    return character === null ? reply : reply.send({ character_id: character.id })
  })

  app.post('/v1/sora/characters/extract', guarded(context, 'character_create'), (request, reply) => {
    const character = takeCharacter(context, readFromTask(request.body, context), {
      request,
      reply,
      takesTime: false,
    })
    return character === null ? reply : reply.send({ character_id: character.id })
  })

  app.get('/v1/sora/characters', guarded(context, 'character_read'), (_request, reply) =>
    reply.send({ characters: vendor.characters.list().map(({ id, name }) => ({ character_id: id, name })) }),
  )
}

async function readFromUrl(given: unknown, { closing }: VendorContext): Promise<Verdict<WantedCharacter>> {
  const body = fromUrl.safeParse(given)
  if (!body.success) return invalidBody(body.error)
  const { video_url: url, name, description = null } = body.data
  if ((await fetchClip(url, closing)) === null) return unfetchable('video_url')
  return accepted({ id: `char_${hex(8)}`, name, description, source: { type: 'url', url } })
}

function readFromTask(given: unknown, { vendor }: VendorContext): Verdict<WantedCharacter> {
  const body = fromTask.safeParse(given)
  if (!body.success) return invalidBody(body.error)
  const { task_id: task, name } = body.data
  const job = vendor.jobs.find(task)
  if (job === undefined) return { ok: false, error: jobUnknown(task) }
  if (job.end?.failure !== null) return invalidRequest('The task is not completed.', { param: 'task_id' })
  return accepted({ id: `char_${hex(8)}`, name, source: { type: 'job', id: task } })
}

function invalidBody(error: z.ZodError) {
  const param = String(error.issues[0]?.path[0] ?? 'body')
  return invalidRequest(`Invalid '${param}'.`, { code: 'invalid_value', param })
}
