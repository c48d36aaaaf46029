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
    config: { access: 'observe' },
    schema: {
      operationId: 'getRestore',
      tags: ['operations'],
      summary: 'Get the state of a restore',
      description:
        'While a restored gateway is on hold, every upstream that lists its jobs is searched for jobs created after the backup. A generation that may match one of them is not sent on release: its attempt becomes `unknown`, with a `candidate_upstream_id`, until `POST /attempts/{id}/resolve` is called.',
      response: {
        200: answer('The state of every configured upstream and of the archive.', RestoreDto),
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
      summary: 'Release the hold after a restore',
      description:
        'After a start from a backup, nothing is sent to upstreams until this call, which then sends the queued work. Before calling it, stop the original gateway and check what it sent after the backup. Upstreams that list their jobs are searched first; if one cannot be reached, nothing is released. Calling it again has no effect. An installation that was moved away is not released: 409 says where it went.',
      response: {
        200: answer('The hold is released.', Release),
        ...problems(...keyed, ...unreadableBody, 'conflict'),
      },
    },
    async handler(request): Promise<Release> {
      const { unsearched } = parse(ReleaseRequest, request.body ?? {})
      return { released: await operations.release(clientOf(request), unsearched) }
    },
  })
}
