import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CatalogueService } from '../../../services/catalogue/catalogue.ts'
import { Problem } from '../../../domain/problem.ts'
import { clientOf } from '../../access.ts'
import { answer } from '../../schemas/problem.ts'
import { openaiErrors } from './schemas.ts'
import { openaiKeyed } from './videos.ts'

const OpenaiModel = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().meta({ description: 'Unix time. Always 0, because the time is not known.' }),
    owned_by: z.string(),
  })
  .meta({ id: 'OpenaiModel' })

type OpenaiModel = z.output<typeof OpenaiModel>

const OpenaiModelList = z
  .object({ object: z.literal('list'), data: z.array(OpenaiModel) })
  .meta({ id: 'OpenaiModelList' })

function toModel(id: string): OpenaiModel {
  return { id, object: 'model', created: 0, owned_by: 'understudy' }
}

/** `/v1/models` (docs/vendors/openai-videos.md#endpoints): what SDKs and other programs ask to see whether a key is good. */
export const openaiModelsRoutes: FastifyPluginAsyncZod<{ catalogue: CatalogueService }> = async (
  app,
  { catalogue },
) => {
  app.get('/v1/models', {
    config: { access: 'read' },
    schema: {
      operationId: 'openaiListModels',
      tags: ['openai'],
      summary: 'List the models available to this key',
      response: { 200: answer('All models.', OpenaiModelList), ...openaiErrors(...openaiKeyed) },
    },
    async handler(request): Promise<z.output<typeof OpenaiModelList>> {
      const data = catalogue.ids(clientOf(request)).map(toModel)
      return { object: 'list', data }
    },
  })

  app.get('/v1/models/:model', {
    config: { access: 'read' },
    schema: {
      operationId: 'openaiGetModel',
      tags: ['openai'],
      summary: 'Get a model',
      params: z.object({ model: z.string().max(128) }),
      response: { 200: answer('The model.', OpenaiModel), ...openaiErrors(...openaiKeyed, 'not_found') },
    },
    async handler(request): Promise<OpenaiModel> {
      const { model } = request.params
      if (catalogue.ids(clientOf(request)).includes(model)) return toModel(model)
      throw new Problem('not_found', `The model '${model}' does not exist.`)
    },
  })
}
