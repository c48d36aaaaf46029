import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../../../domain/problem.ts'
import type { OperationsService } from '../../../services/operations/operations.ts'
import { serveMedia } from '../../answers/serve-media.ts'

const face = { etag: null, cacheControl: 'private, max-age=300', fileName: null }

const params = z.object({ token: z.string().regex(/^[\w.~-]{1,1024}$/) })

/** Files behind signed links, for vendors that fetch what they are given. No key; not part of the public document. */
export const mediaRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  async function send(token: string, request: FastifyRequest, reply: FastifyReply) {
    const media = await operations.sharedMedia(token)
    if (media === null)
      throw new Problem('not_found', 'This link is not valid or has expired. Request a new one.')
    return serveMedia(media, face, request, reply)
  }

  app.get('/media/:token', {
    config: { access: 'public' },
    exposeHeadRoute: false,
    schema: { hide: true, params },
    handler: (request, reply) => send(request.params.token, request, reply),
  })

  app.head('/media/:token', {
    config: { access: 'public' },
    schema: { hide: true, params },
    handler: (request, reply) => send(request.params.token, request, reply),
  })
}
