import { z } from 'zod'
import { attemptStates } from '../../../domain/generation/generation.ts'
import { generationStatuses } from '../../../domain/generation/history.ts'
import type { ViewedCounts } from '../../../services/generations/generation-views.ts'
import { generationId, timestamp, toTimestamp, toTimestampOrNull, toUsd, usd } from '../fields.ts'

const count = z.int().nonnegative()

const uncertain = z
  .object({
    attempts: count,
    reserved_cost_usd: usd.meta({ description: 'What these attempts may still cost.' }),
    oldest: z
      .object({
        generation: generationId,
        started_at: timestamp,
        looked_for_until: timestamp.nullable().meta({
          description: 'How long the upstream is asked for its job. Null if it is not asked any more.',
        }),
      })
      .nullable()
      .meta({ description: 'The attempt that began first. Null if there is none.' }),
  })
  .meta({ id: 'UncertainAttempts' })

export const GenerationCountsDto = z
  .object({
    total: count,
    by_status: z.partialRecord(z.enum(generationStatuses), count),
    by_attempt_state: z.partialRecord(z.enum(attemptStates), count).meta({
      description: 'Generations with an attempt in this state, as if it were the filter `attempt_state`.',
    }),
    attention: count.meta({ description: 'Generations that need a person, as with `attention=true`.' }),
    uncertain: z.object({ unknown: uncertain, abandoned: uncertain }).meta({
      id: 'UncertainCounts',
      description: 'Attempts whose outcome is not known. Each may have been charged.',
    }),
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
        uncertain: {
          unknown: {
            attempts: 2,
            reserved_cost_usd: 0.24,
            oldest: {
              generation: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr',
              started_at: '2026-11-22T15:04:05.120Z',
              looked_for_until: '2026-11-23T15:04:05.120Z',
            },
          },
          abandoned: { attempts: 0, reserved_cost_usd: 0, oldest: null },
        },
        is_complete: true,
      },
    ],
  })

export type GenerationCountsDto = z.output<typeof GenerationCountsDto>

export function toCountsDto(counts: ViewedCounts): GenerationCountsDto {
  const { total, byStatus, byAttemptState, attention, isComplete } = counts
  return {
    total,
    by_status: Object.fromEntries(byStatus),
    by_attempt_state: Object.fromEntries(byAttemptState),
    attention,
    uncertain: {
      unknown: toUncertainDto(counts, 'unknown'),
      abandoned: toUncertainDto(counts, 'abandoned'),
    },
    is_complete: isComplete,
  }
}

function toUncertainDto(
  { uncertain: found, oldest: first }: ViewedCounts,
  state: 'unknown' | 'abandoned',
): z.output<typeof uncertain> {
  const { attempts = 0, reservedMicros = 0 } = found.get(state) ?? {}
  const oldest = first.get(state)
  return {
    attempts,
    reserved_cost_usd: toUsd(reservedMicros),
    oldest:
      oldest === undefined
        ? null
        : {
            generation: oldest.generation,
            started_at: toTimestamp(oldest.startedAt),
            looked_for_until: toTimestampOrNull(oldest.lookedForUntil),
          },
  }
}
