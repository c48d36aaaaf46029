import { z } from 'zod'

/** What the command displays of a comparison. Other members are kept for `--json`. */
export const comparison = z.looseObject({
  id: z.string(),
  status: z.string(),
  cost_usd: z.number(),
  table: z.array(
    z.looseObject({
      upstream: z.string(),
      videos: z.number(),
      delivered: z.number(),
      failed: z.number(),
      failures: z.record(z.string(), z.number()),
      cost_usd: z.number(),
      reserved_cost_usd: z.number(),
      mean_seconds: z.number().nullable(),
      hash_similarity: z.number().nullable(),
      colour_distance: z.number().nullable(),
    }),
  ),
  warnings: z.array(z.looseObject({ code: z.string(), detail: z.string() })),
  sheet_url: z.string(),
})
export type Comparison = z.output<typeof comparison>
