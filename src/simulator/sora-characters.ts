import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { guarded, sendError, sendNotFound } from './dialect.ts'
import type { Desk } from './dialect.ts'
import { fetchClip } from './fetch-clip.ts'
import { invalidRequest } from './vendor-error.ts'

const characterName = z.string().min(1).max(80)
const fromUrl = z.object({ video_url: z.url(), name: characterName, description: z.string().optional() })
const fromTask = z.object({ task_id: z.string(), name: characterName })

/** Characters of reverse-dialects.md §6.1: from a URL, from a finished task, and the list of them. */
export function serveSoraCharacters(app: FastifyInstance, desk: Desk): void {
  const { vendor, gate, closing } = desk

  app.post('/sora/characters', guarded(desk, 'character_create'), async (request, reply) => {
    const body = fromUrl.safeParse(request.body)
    if (!body.success) return sendError(reply, invalidBody(body.error))
    const { video_url: url, name, description = null } = body.data
    if ((await fetchClip(url, closing)) === null) return sendError(reply, unfetchable)
    const source = { type: 'url', url } as const
    const { id } = vendor.characters.add({ name, description, source, createdAt: vendor.clock.now() })
    if (gate.afterAccept('character_create', request, reply)) return undefined
    return reply.send({ character_id: id })
  })

  app.post('/sora/characters/extract', guarded(desk, 'character_create'), (request, reply) => {
    const body = fromTask.safeParse(request.body)
    if (!body.success) return sendError(reply, invalidBody(body.error))
    const { task_id: task, name } = body.data
    const job = vendor.jobs.find(task)
    if (job === undefined) return sendNotFound(reply, desk, task)
    if (job.end === null || job.end.failure !== null)
      return sendError(reply, invalidRequest('The task is not completed.', { param: 'task_id' }).error)
    const source = { type: 'job', id: task } as const
    const { id } = vendor.characters.add({ name, description: null, source, createdAt: vendor.clock.now() })
    if (gate.afterAccept('character_create', request, reply)) return undefined
    return reply.send({ character_id: id })
  })

  app.get('/sora/characters', guarded(desk, 'character_read'), (_request, reply) =>
    reply.send({ characters: vendor.characters.list().map(({ id, name }) => ({ character_id: id, name })) }),
  )
}

/** reverse-dialects.md §4 row 13. */
const unfetchable = invalidRequest('request to upstream address failed', { param: 'video_url' }).error

function invalidBody(error: z.ZodError) {
  const param = String(error.issues[0]?.path[0] ?? 'body')
  return invalidRequest(`Invalid '${param}'.`, { code: 'invalid_value', param }).error
}
