import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { ShowConfiguration } from '../../../services/operations/configuration.ts'
import { ConfigurationDto, toConfigurationDto } from '../../schemas/operations/configuration.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

export const configurationRoutes: FastifyPluginAsyncZod<{ configuration: ShowConfiguration }> = async (
  app,
  { configuration },
) => {
  app.get('/configuration', {
    config: { access: 'admin' },
    schema: {
      operationId: 'getConfiguration',
      tags: ['operations'],
      summary: 'Get the configuration in force',
      response: { 200: answer('The configuration.', ConfigurationDto), ...problems(...keyed) },
    },
    async handler(_request, reply): Promise<ConfigurationDto> {
      reply.header('cache-control', 'no-store')
      return toConfigurationDto(configuration())
    },
  })
}
