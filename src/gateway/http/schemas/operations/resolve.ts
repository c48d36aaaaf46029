import { z } from 'zod'
import { resolutionVerdicts } from '../../../domain/attempts/resolution.ts'
import type { PlacedAttempt, ResolutionInput } from '../../../services/operations/attempts.ts'
import { AttemptDto, exampleAttempt, toAttemptDto } from '../generations/attempt.ts'
import { exampleGenerationId, text, timestamp, toTimestampOrNull, usd } from '../fields.ts'

/** A path of the upstream is made of it. */
const upstreamId = z
  .string()
  .regex(/^(?!\.{1,2}$)[\x21-\x7e]{1,256}$/, 'must be up to 256 printable ASCII characters without spaces')

export const ResolveRequest = z
  .strictObject({
    verdict: z.enum(resolutionVerdicts),
    upstream_id: upstreamId.optional().meta({
      description: 'The ID of the job at the upstream. Only with `taken`. The job is looked up first.',
    }),
    charged: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the upstream charges anyway. Only with `not_taken`.' }),
    cost_usd: usd.max(1_000_000).optional().meta({
      description:
        'The amount charged. Only with `charged: true` (default: the configured price) and with the verdict `charged` (default: the cost stays).',
    }),
    note: text(2000, z.string().min(1)).meta({
      description: 'How you know. Visible to the tenant and recorded in the audit log.',
    }),
  })
  .refine(({ verdict, upstream_id: id }) => (verdict === 'taken') === (id !== undefined), {
    path: ['upstream_id'],
    error: 'is allowed only with the verdict taken',
  })
  .refine(({ verdict, charged }) => verdict === 'not_taken' || charged === undefined, {
    path: ['charged'],
    error: 'is allowed only with the verdict not_taken',
  })
  .refine(
    ({ verdict, charged, cost_usd: cost }) => verdict === 'charged' || charged === true || cost === undefined,
    {
      path: ['cost_usd'],
      error: 'is allowed only with the verdict charged, or with charged: true',
    },
  )
  .meta({
    id: 'ResolveRequest',
    examples: [
      { verdict: 'taken', upstream_id: 'task_8f2c1d7e', note: 'Found in the dashboard of the reseller.' },
      { verdict: 'not_taken', charged: false, note: 'Their support says that it never arrived.' },
      { verdict: 'charged', cost_usd: 0.12, note: 'It is on the bill of November.' },
    ],
  })

export const OperatedAttemptDto = AttemptDto.extend({
  generation_id: z.string(),
  next_look_at: timestamp.nullable().meta({ description: 'When the upstream is polled next.' }),
}).meta({
  id: 'OperatedAttempt',
  description:
    'An attempt as operators see it. The prompt and the messages of the upstream are null without the scope `operate_prompts`.',
  examples: [{ ...exampleAttempt, generation_id: exampleGenerationId, prompt: null, next_look_at: null }],
})

export type OperatedAttemptDto = z.output<typeof OperatedAttemptDto>

export function toResolutionInput(body: z.output<typeof ResolveRequest>): ResolutionInput {
  const { verdict, note, upstream_id: id = '', charged = false, cost_usd: cost } = body
  if (verdict === 'taken') return { verdict, upstreamId: id, note }
  if (verdict === 'not_charged') return { verdict, note }
  const costMicros = cost === undefined ? null : Math.round(cost * 1e6)
  return verdict === 'charged' ? { verdict, costMicros, note } : { verdict, charged, costMicros, note }
}

export function toOperatedDto(
  { generationId, attempt }: PlacedAttempt,
  showsPrompts: boolean,
): OperatedAttemptDto {
  const { startedAt, endedAt } = attempt
  const shown = { ...attempt, endedAt: endedAt && Math.max(startedAt, endedAt) }
  return {
    ...toAttemptDto(shown, showsPrompts ? 'whole' : 'outline'),
    generation_id: generationId,
    next_look_at: toTimestampOrNull(attempt.dueAt),
  }
}
