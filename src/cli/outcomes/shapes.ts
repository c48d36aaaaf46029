import { z } from 'zod'

const attempt = z.object({
  id: z.string(),
  upstream: z.string(),
  state: z.string(),
  started_at: z.string(),
  cost_usd: z.number(),
  cost_state: z.string(),
  delivered: z.boolean(),
  resolution: z.object({ contradicted_by: z.object({}).nullable() }).nullable(),
  candidate_upstream_id: z.string().nullable(),
  resubmission: z.object({ by: z.string(), at: z.string() }).nullable(),
})

/** A generation as an operator sees it: prompts and messages may be left out. */
export const operatedGeneration = z.object({
  id: z.string(),
  tenant: z.string(),
  status: z.string(),
  reserved_cost_usd: z.number(),
  video: z.object({}).nullable(),
  attempts: z.array(attempt),
})
export type OperatedGeneration = z.output<typeof operatedGeneration>

export const operatedPage = z.object({
  data: z.array(operatedGeneration),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
})

export const operatedAttempt = attempt.extend({
  generation_id: z.string(),
  upstream_id: z.string().nullable(),
  next_look_at: z.string().nullable(),
})
export type OperatedAttempt = z.output<typeof operatedAttempt>

export const cancelResult = z.object({
  dry_run: z.boolean(),
  matched: z.number(),
  counts: z.record(z.string(), z.number()),
  may_still_be_charged_usd: z.number(),
  paid_usd: z.number(),
  paid_without_video_usd: z.number(),
  data: z.array(z.object({ id: z.string(), outcome: z.string(), tenant: z.string().nullable() })),
})
export type CancelResult = z.output<typeof cancelResult>
