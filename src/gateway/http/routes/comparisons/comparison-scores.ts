import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { ComparisonService, ScoreInput } from '../../../services/comparisons/comparisons.ts'
import { clientOf } from '../../access.ts'
import { ComparisonDto, toComparisonDto } from '../../schemas/comparisons/comparison.ts'
import { ScoresRequest } from '../../schemas/comparisons/comparison-request.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { ComparisonParams } from './comparisons.ts'

function toScores({ scores }: z.output<typeof ScoresRequest>): ScoreInput[] {
  return scores.map(({ generation_id: generationId, face, clothing, style }) => ({
    generationId,
    face,
    clothing,
    style,
  }))
}

/** What people say of the videos of a comparison. */
export const comparisonScoresRoutes: FastifyPluginAsyncZod<{ comparisons: ComparisonService }> = async (
  app,
  { comparisons },
) => {
  app.post('/comparisons/:id/scores', {
    config: { access: 'generate' },
    schema: {
      operationId: 'scoreComparison',
      tags: ['comparisons'],
      summary: 'Score how well videos keep the character',
      params: ComparisonParams,
      body: ScoresRequest,
      response: {
        200: answer('The comparison with the average scores.', ComparisonDto),
        ...problems(...keyed, ...unreadableBody, 'not_found'),
      },
    },
    async handler(request): Promise<ComparisonDto> {
      const client = clientOf(request)
      const rater = request.body.rater ?? client.key
      return toComparisonDto(
        await comparisons.score(client, request.params.id, rater, toScores(request.body)),
      )
    },
  })
}
