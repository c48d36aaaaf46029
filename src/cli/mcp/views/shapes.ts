import { z } from 'zod'
import { generation } from '../../gateway/shapes.ts'

/** What tools and resources read of a generation, besides what the commands read. */
export const shownGeneration = generation.extend({
  prompt: z.string().nullable(),
  model: z.string(),
  duration: z.number(),
  size: z.string(),
  video: z.looseObject({ bytes: z.number(), sha256: z.string() }).nullable(),
  created_at: z.string(),
})

export const generationPage = z.looseObject({
  data: z.array(shownGeneration),
  next_cursor: z.string().nullable(),
})

/** What any key sees of an upstream. */
export const upstreamPage = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      enabled: z.boolean(),
      pause: z.looseObject({ reason: z.string() }).nullable(),
      models: z.array(z.string()),
      durations: z.array(z.number()).nullable(),
      sizes: z.array(z.string()).nullable(),
      characters: z.string(),
      price: z.unknown(),
      charged_on: z.string(),
      health: z.looseObject({
        success_rate: z.number().nullable(),
        latency_seconds: z.number().nullable(),
        free_slots: z.number().nullable(),
      }),
      breakers: z.record(z.string(), z.looseObject({ state: z.string() })),
      outages: z.array(z.looseObject({ model: z.string(), reason: z.string() })),
    }),
  ),
})

export type ShownGeneration = z.output<typeof shownGeneration>
export type ShownUpstream = z.output<typeof upstreamPage>['data'][number]
