import { z } from 'zod'
import { cancelOutcomes } from '../../../domain/steering/cancel-outcome.ts'
import type { CancelRow } from '../../../domain/steering/cancel-outcome.ts'
import { generationStatuses } from '../../../domain/generation/history.ts'
import { sumOfMoney } from '../../../domain/generation/money.ts'
import type { CancelManyInput } from '../../../services/generations/generations.ts'
import { GenerationFilterBody, toGenerationFilter } from './generation-filter.ts'
import { exampleGenerationId, generationId } from '../fields.ts'
import { moneyFields, toMoney } from '../money.ts'
import { shownWord } from '../shown-word.ts'

const mostIds = 500

export const CancelRequest = z
  .strictObject({
    ids: z.array(generationId).min(1).max(mostIds).optional(),
    filter: GenerationFilterBody.optional().meta({
      description: 'Instead of `ids`: what matches and has not ended.',
    }),
    dry_run: z.boolean().optional().meta({
      description:
        'Whether to only show what would be cancelled. Default: true for a filter, false for `ids`.',
    }),
    expected: z.int().min(0).optional().meta({
      description:
        'Required to cancel by filter: `matched` of the dry run. If more match now, nothing is cancelled.',
    }),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    error: 'must have either ids or filter',
  })
  .refine(({ filter, expected }) => filter !== undefined || expected === undefined, {
    path: ['expected'],
    error: 'is allowed only with a filter',
  })
  .refine(
    ({ filter, dry_run: isDry, expected }) =>
      filter === undefined || isDry !== false || expected !== undefined,
    { path: ['expected'], error: 'is required to cancel by filter: use `matched` of a dry run' },
  )
  .meta({
    id: 'CancelRequest',
    examples: [{ ids: [exampleGenerationId] }, { filter: { status: 'queued' }, dry_run: true }],
  })

export function toCancelInput({
  ids,
  filter,
  dry_run: asked,
  expected,
}: z.output<typeof CancelRequest>): CancelManyInput {
  if (filter === undefined) return { which: { type: 'ids', ids: ids ?? [] }, isDry: asked ?? false }
  const which = { type: 'filter', filter: toGenerationFilter(filter), expected: expected ?? null } as const
  return { which, isDry: asked ?? true }
}

const row = z
  .object({
    id: generationId,
    outcome: shownWord(cancelOutcomes).meta({
      description:
        '`cancellable`: in a dry run, it would be cancelled. `no_longer_matching`: it changed since it was found. `not_cancelled`: it could not be stored; repeat the call. `not_found`: it does not exist, or belongs to another tenant.',
    }),
    tenant: z.string().nullable(),
    status: shownWord(generationStatuses).nullable(),
    sent_attempts: z.int().meta({
      description: 'Attempts that have left to an upstream and have no verdict. Each may still be charged.',
    }),
    ...moneyFields,
  })
  .meta({ id: 'CancelledGeneration' })

const counts = z
  .object(Object.fromEntries(cancelOutcomes.map((outcome) => [outcome, z.int()])))
  .meta({ id: 'CancelCounts', description: 'How many generations have each outcome.' })

const exampleMoney = { paid_usd: 0, may_still_be_charged_usd: 0.12, paid_without_video_usd: 0 }

export const CancelResult = z
  .object({
    dry_run: z.boolean(),
    matched: z.int().meta({ description: 'Generations in `data`.' }),
    counts,
    ...moneyFields,
    data: z.array(row),
  })
  .meta({
    id: 'CancelResult',
    description: 'One outcome for each generation. The sums are of those that are or would be cancelled.',
    examples: [
      {
        dry_run: false,
        matched: 1,
        counts: {
          cancelled: 1,
          cancellable: 0,
          already_cancelled: 0,
          already_ended: 0,
          no_longer_matching: 0,
          not_cancelled: 0,
          not_found: 0,
        },
        ...exampleMoney,
        data: [
          {
            id: exampleGenerationId,
            outcome: 'cancelled',
            tenant: 'studio',
            status: 'cancelled',
            sent_attempts: 1,
            ...exampleMoney,
          },
        ],
      },
    ],
  })
export type CancelResult = z.output<typeof CancelResult>

export function toCancelResult(rows: readonly CancelRow[], isDry: boolean): CancelResult {
  const meant = rows.filter(({ outcome }) => outcome === 'cancelled' || outcome === 'cancellable')
  const countOf = (word: CancelRow['outcome']) => rows.filter(({ outcome }) => outcome === word).length
  return {
    dry_run: isDry,
    matched: rows.length,
    counts: Object.fromEntries(cancelOutcomes.map((word) => [word, countOf(word)])),
    ...toMoney(sumOfMoney(meant.map((each) => each.money))),
    data: rows.map(({ id, outcome, tenant, status, sent, money: own }) => ({
      id,
      outcome,
      tenant,
      status,
      sent_attempts: sent,
      ...toMoney(own),
    })),
  }
}
