import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { viewOf } from '../../../domain/accounts/view.ts'
import { listOrders } from '../../../domain/generation/search/generation-filter.ts'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import { clientOf } from '../../access.ts'
import { keepAsItIs } from '../../answers/compress-json.ts'
import { addressesFor } from '../../requests/addresses-for.ts'
import { generationId, trueOrFalse } from '../../schemas/fields.ts'
import { GenerationCountsDto, toCountsDto } from '../../schemas/generations/generation-counts.ts'
import { filterQuery, toGenerationFilter } from '../../schemas/generations/generation-filter.ts'
import { GenerationSummaryPage, toGenerationSummary } from '../../schemas/generations/generation-summary.ts'
import type { GenerationSummary } from '../../schemas/generations/generation-summary.ts'
import { GenerationPage, toGenerationDto } from '../../schemas/generations/generation.ts'
import type { GenerationDto } from '../../schemas/generations/generation.ts'
import { limit, toSearchPage } from '../../schemas/paging.ts'
import type { Page } from '../../schemas/paging.ts'
import { answer, keyed, problems } from '../../schemas/problem.ts'

const listQuery = z.strictObject({
  ...filterQuery,
  order: z.enum(listOrders).default('newest').meta({ description: 'Which generations come first.' }),
  fields: z
    .enum(['all', 'summary'])
    .default('all')
    .meta({ description: '`summary`: the members of GenerationSummary only, for lists of many rows.' }),
  signed: trueOrFalse.default('false').meta({
    description:
      '`true`: with the signed addresses of videos, which are null otherwise. Such a list is not compressed. Not with `fields=summary`.',
  }),
  limit,
  cursor: generationId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

const countsQuery = z.strictObject(filterQuery)

const whose =
  'With the scope `observe` or `operate`, generations of all tenants; else those of the own tenant.'

export const listGenerationsRoutes: FastifyPluginAsyncZod<{
  views: GenerationViews
  addresses: SignedAddresses
}> = async (app, { views, addresses }) => {
  app.get('/generations', {
    config: { access: 'view' },
    schema: {
      operationId: 'listGenerations',
      tags: ['generations'],
      summary: 'List generations',
      description: `${whose} All conditions hold together. Write metadata as \`metadata.<name>=<value>\` or \`metadata[<name>]=<value>\`. A page looks at no more than about 20,000 generations: with rare matches it may be short, even empty, while \`has_more\` is true.`,
      querystring: listQuery,
      response: {
        200: answer('One page, in the asked order.', z.union([GenerationPage, GenerationSummaryPage])),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request, reply): Promise<Page<GenerationDto> | Page<GenerationSummary>> {
      const client = clientOf(request)
      const { order, cursor: before = null, limit: count, fields, signed, ...asked } = request.query
      const filter = toGenerationFilter(asked)
      const listing = { filter, before, oldestFirst: order === 'oldest', limit: count }
      const { data, next } = await views.list(client, listing)
      const isSigned = signed === 'true' && fields === 'all'
      if (isSigned) keepAsItIs(reply)
      const shown = data.map((each) => {
        const signing = isSigned ? addressesFor(client, each, addresses) : null
        return toGenerationDto(each, viewOf(client, each.tenant), null, signing)
      })
      return fields === 'all' ? toSearchPage(shown, next) : toSearchPage(shown.map(toGenerationSummary), next)
    },
  })

  app.get('/generations/counts', {
    config: { access: 'view' },
    schema: {
      operationId: 'countGenerations',
      tags: ['generations'],
      summary: 'Count generations',
      description: `${whose} Takes the filters of \`GET /generations\`.`,
      querystring: countsQuery,
      response: {
        200: answer('The counts.', GenerationCountsDto),
        ...problems(...keyed, 'validation_failed', 'not_found'),
      },
    },
    async handler(request): Promise<GenerationCountsDto> {
      const filter = toGenerationFilter(request.query)
      return toCountsDto(await views.counts(clientOf(request), filter))
    },
  })
}
