import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { OperationsService } from '../../../services/operations/operations.ts'
import { clientOf } from '../../access.ts'
import { Release, ReleaseRequest, RestoreDto, toRestoreDto } from '../../schemas/operations/operation.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { parse } from '../../requests/validation.ts'

export const operationsRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
) => {
  app.get('/operations/restore', {
    config: { access: 'operate' },
    schema: {
      operationId: 'getRestore',
      tags: ['operations'],
      summary: 'What a restore holds, and what was sent since',
      description:
        'While a restore is held, every upstream with a list is searched for jobs younger than the copy. A generation that may be one of them is not sent at the release: its attempt is `unknown` with the `candidate_upstream_id`, and waits for `POST /attempts/{id}/resolve`.',
      response: {
        200: answer('Of every configured upstream, and of the archive.', RestoreDto),
        ...problems(...keyed),
      },
    },
    async handler(request, reply): Promise<RestoreDto> {
      reply.header('cache-control', 'no-store')
      const showsPrompts = clientOf(request).scopes.includes('operate_prompts')
      return toRestoreDto(await operations.restore(), showsPrompts)
    },
  })

  app.post('/operations/release', {
    config: { access: 'operate', bodies: { 'application/json': ReleaseRequest } },
    schema: {
      operationId: 'releaseOperations',
      tags: ['operations'],
      summary: 'Let go what a restore holds',
      description:
        'After a start from a backup nothing is sent to any upstream before this. What was queued is sent then, so the original must have stopped, and what it sent after the backup be known. Upstreams with a list are searched for that first; where one cannot be asked, nothing is released. Calling it again changes nothing.',
      response: {
        200: answer('Nothing is held any more.', Release),
        ...problems(...keyed, ...unreadableBody, 'conflict'),
      },
    },
    async handler(request): Promise<Release> {
      const { unsearched } = parse(ReleaseRequest, request.body ?? {})
      return { released: await operations.release(clientOf(request), unsearched) }
    },
  })
}
