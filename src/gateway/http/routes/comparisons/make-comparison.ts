import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { ComparisonInput, ComparisonService } from '../../../services/comparisons/comparisons.ts'
import { clientOf } from '../../access.ts'
import { IdempotencyHeaders, idempotencyOf, notOnce, noteReplay } from '../../requests/idempotency-key.ts'
import { toSize } from '../../requests/generation-input.ts'
import { ComparisonDto, toComparisonDto } from '../../schemas/comparisons/comparison.ts'
import { ComparisonCostDto, toComparisonCostDto } from '../../schemas/comparisons/comparison-cost.ts'
import { ComparisonPreviewRequest, ComparisonRequest } from '../../schemas/comparisons/comparison-request.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'

function toInput(body: z.output<typeof ComparisonPreviewRequest>): Omit<ComparisonInput, 'maxCostMicros'> {
  return {
    name: body.name ?? null,
    character: body.character,
    scenes: body.scenes,
    runs: body.runs,
    upstreams: body.upstreams,
    model: body.model ?? null,
    durationSeconds: body.duration ?? null,
    size: body.size === undefined ? null : toSize(body.size),
  }
}

/** How a comparison is made. */
export const makeComparisonRoutes: FastifyPluginAsyncZod<{ comparisons: ComparisonService }> = async (
  app,
  { comparisons },
) => {
  app.post('/comparisons', {
    config: { access: 'generate' },
    schema: {
      operationId: 'createComparison',
      tags: ['comparisons'],
      summary: 'Compare upstreams with one character',
      description:
        'Renders every scene `runs` times on every upstream, as regular generations without fallback, and measures the results.',
      body: ComparisonRequest,
      headers: IdempotencyHeaders,
      response: {
        202: answer('The accepted comparison.', ComparisonDto),
        ...problems(
          ...keyed,
          ...unreadableBody,
          'character_not_found',
          'no_upstream',
          'over_max_cost',
          'budget_exceeded',
          'conflict',
          ...notOnce,
        ),
      },
    },
    async handler(request, reply): Promise<ComparisonDto> {
      const idempotency = idempotencyOf(request, request.body)
      const { value: view, replayed } = await comparisons.create(
        clientOf(request),
        { ...toInput(request.body), maxCostMicros: Math.round(request.body.max_cost_usd * 1e6) },
        idempotency,
      )
      noteReplay(reply, replayed)
      reply.code(202).header('location', `/comparisons/${view.comparison.id}`)
      return toComparisonDto(view)
    },
  })

  app.post('/comparisons/route', {
    config: { access: 'generate', previewed: true },
    schema: {
      operationId: 'planComparison',
      tags: ['comparisons'],
      summary: 'Preview the cost of a comparison',
      description:
        'What the same request to `POST /comparisons` would cost at most, by upstream, or why it cannot be made. Nothing is sent or stored. Previews have a rate limit of their own.',
      body: ComparisonPreviewRequest,
      response: {
        200: answer('The cost.', ComparisonCostDto),
        ...problems(...keyed, ...unreadableBody, 'character_not_found', 'no_upstream'),
      },
    },
    async handler(request): Promise<ComparisonCostDto> {
      const input = toInput(request.body)
      return toComparisonCostDto(await comparisons.preview(clientOf(request), input))
    },
  })
}
