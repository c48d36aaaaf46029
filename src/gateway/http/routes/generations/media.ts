import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { extensionOf } from '../../../domain/media-kind.ts'
import { Problem } from '../../../domain/problem.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import type { OperationsService } from '../../../services/operations/operations.ts'
import { sendPicture } from '../../answers/send-picture.ts'
import { serveMedia } from '../../answers/serve-media.ts'

/** Asked for again soon: what is deleted is not watched for long from what a browser kept. */
const cacheControl = 'private, max-age=300'

const params = z.object({ token: z.string().regex(/^[\w.~-]{1,1024}$/) })

/**
 * Files behind signed links, for pages that show a video and vendors that fetch what they are given. No key; not part of the
 * public document.
 */
export const mediaRoutes: FastifyPluginAsyncZod<{
  operations: OperationsService
  addresses: SignedAddresses
}> = async (app, { operations, addresses }) => {
  async function send(token: string, request: FastifyRequest, reply: FastifyReply) {
    const addressed = await addresses.open(token)
    if (addressed?.part === 'thumbnail') return sendPicture(addressed.picture, request, reply, cacheControl)
    if (addressed?.part === 'video') {
      const { asset, media } = addressed.video
      const fileName = `${addressed.id}.${extensionOf(media.contentType)}`
      return serveMedia(media, { etag: `"${asset.sha256}"`, cacheControl, fileName }, request, reply)
    }
    const media = await operations.sharedMedia(token)
    if (media === null)
      throw new Problem('not_found', 'This link is not valid or has expired. Request a new one.')
    return serveMedia(media, { etag: null, cacheControl, fileName: null }, request, reply)
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
