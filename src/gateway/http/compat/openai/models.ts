import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Client } from '../../../domain/accounts/client.ts'
import { Problem } from '../../../domain/problem.ts'
import type { OperationsService } from '../../../services/operations/operations.ts'
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

/** What this key may ask for, of any upstream that it may use. */
async function modelsOf(operations: OperationsService, client: Client): Promise<string[]> {
  const { allow, allowUpstreams, allowModels } = client
  const usable = (await operations.upstreams()).filter(
    ({ spec, enabled }) =>
      enabled && allow.includes(spec.kind) && (allowUpstreams?.includes(spec.id) ?? true),
  )
  const models = new Set(usable.flatMap(({ spec }) => Object.keys(spec.models)))
  return [...models].filter((model) => allowModels?.includes(model) ?? true).toSorted()
}

function toModel(id: string): OpenaiModel {
  return { id, object: 'model', created: 0, owned_by: 'understudy' }
}

/** `/v1/models` (docs/vendors/openai-videos.md#endpoints): what SDKs and other programs ask to see whether a key is good. */
export const openaiModelsRoutes: FastifyPluginAsyncZod<{ operations: OperationsService }> = async (
  app,
  { operations },
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
      const data = (await modelsOf(operations, clientOf(request))).map(toModel)
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
      const models = await modelsOf(operations, clientOf(request))
      if (models.includes(model)) return toModel(model)
      throw new Problem('not_found', `The model '${model}' does not exist.`)
    },
  })
}
