import { z } from 'zod'
import { attemptStates } from '../../../domain/generation/generation.ts'
import { generationStatuses } from '../../../domain/generation/history.ts'
import type { GenerationCounts } from '../../../ports/generations/generation-search.ts'

const count = z.int().nonnegative()

export const GenerationCountsDto = z
  .object({
    total: count,
    by_status: z.partialRecord(z.enum(generationStatuses), count),
    by_attempt_state: z.partialRecord(z.enum(attemptStates), count).meta({
      description: 'Generations with an attempt in this state, as if it were the filter `attempt_state`.',
    }),
    attention: count.meta({ description: 'Generations that need a person, as with `attention=true`.' }),
    is_complete: z.boolean().meta({
      description: 'False if only the newest generations were searched for the words of `q`.',
    }),
  })
  .meta({
    id: 'GenerationCounts',
    examples: [
      {
        total: 1042,
        by_status: { queued: 3, in_progress: 12, completed: 1001, failed: 22, cancelled: 4 },
        by_attempt_state: {
          binding: 0,
          submitting: 0,
          unknown: 2,
          running: 11,
          archiving: 1,
          abandoned: 1,
          succeeded: 1001,
          failed: 40,
        },
        attention: 5,
        is_complete: true,
      },
    ],
  })

export type GenerationCountsDto = z.output<typeof GenerationCountsDto>

export function toCountsDto(counts: GenerationCounts): GenerationCountsDto {
  const { total, byStatus, byAttemptState, attention, isComplete } = counts
  return {
    total,
    by_status: Object.fromEntries(byStatus),
    by_attempt_state: Object.fromEntries(byAttemptState),
    attention,
    is_complete: isComplete,
  }
}
