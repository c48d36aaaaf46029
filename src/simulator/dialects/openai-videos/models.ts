import type { FastifyInstance } from 'fastify'
import { guarded } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'

/** `GET /models`, with which clients check their key (docs/vendors/openai-videos.md#endpoints). */
export function serveModels(app: FastifyInstance, context: VendorContext): void {
  const { models } = context.vendor.upstream
  app.get('/models', guarded(context, 'models'), (_request, reply) =>
    reply.send({
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', owned_by: 'simulator' })),
    }),
  )
}
