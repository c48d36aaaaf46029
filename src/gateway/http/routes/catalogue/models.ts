import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CatalogueService } from '../../../services/catalogue/catalogue.ts'
import { clientOf } from '../../access.ts'
import { ModelDto, ModelPage, toModelDto } from '../../schemas/catalogue/model.ts'
import { text } from '../../schemas/fields.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

const modelId = text(256, z.string().min(1))

const listQuery = z.strictObject({
  limit,
  cursor: modelId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

/** What a key may ask for, and of which upstreams. */
export const modelsRoutes: FastifyPluginAsyncZod<{ catalogue: CatalogueService }> = async (
  app,
  { catalogue },
) => {
  app.get('/models', {
    config: { access: 'read' },
    schema: {
      operationId: 'listModels',
      tags: ['models'],
      summary: 'List the models that this key may use',
      description:
        'For each upstream: lengths by resolution, sizes, inputs and their limits, characters, prices, and what was measured.',
      querystring: listQuery,
      response: {
        200: answer('One page, sorted by ID.', ModelPage),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request): Promise<Page<ModelDto>> {
      const { cursor: after = null, limit: count } = request.query
      const { data, hasMore } = catalogue.list(clientOf(request), { after, limit: count })
      return toPage(data.map(toModelDto), hasMore)
    },
  })

  app.get('/models/:id', {
    config: { access: 'read' },
    schema: {
      operationId: 'getModel',
      tags: ['models'],
      summary: 'Get a model',
      params: z.object({ id: modelId.meta({ description: 'As requests name it.', examples: ['sora-2'] }) }),
      response: {
        200: answer('The model.', ModelDto),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request): Promise<ModelDto> {
      return toModelDto(catalogue.get(clientOf(request), request.params.id))
    },
  })
}
