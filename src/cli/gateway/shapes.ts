import { z } from 'zod'

/** Of generations of other tenants, messages are withheld from keys without the scope for them. */
const said = z.looseObject({ code: z.string(), message: z.string().nullable() })

/** The members of responses that the commands display. Other members are kept for `--json`. */
export const plan = z.looseObject({
  priority: z.string(),
  candidates: z.array(
    z.looseObject({
      upstream: z.string(),
      kind: z.string(),
      fidelity: z.string().nullable(),
      estimated_cost_usd: z.number(),
      reason: z.string(),
    }),
  ),
  excluded: z.array(z.looseObject({ upstream: z.string(), code: z.string(), detail: z.string() })),
  estimated_cost_usd: z.number(),
  worst_case_cost_usd: z.number(),
})

export const attempt = z.looseObject({
  upstream: z.string(),
  kind: z.string(),
  state: z.string(),
  upstream_id: z.string().nullable(),
  failure: said.nullable(),
  cost_usd: z.number(),
  cost_state: z.string(),
})

export const generation = z.looseObject({
  id: z.string(),
  tenant: z.string(),
  status: z.string(),
  progress: z.number(),
  route: plan,
  attempts: z.array(attempt),
  cost_usd: z.number(),
  reserved_cost_usd: z.number(),
  warnings: z.array(z.looseObject({ code: z.string(), detail: z.string() })),
  video: z.looseObject({ bytes: z.number() }).nullable(),
  error: said.nullable(),
})

export const characterStills = z.looseObject({
  from: z.string(),
  pictures: z.array(z.looseObject({ url: z.string(), width: z.number(), height: z.number() })),
})

export const character = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  clip: z.looseObject({ duration: z.number(), width: z.number(), height: z.number() }).nullable(),
  stills: characterStills.nullable().default(null),
  bindings: z.array(
    z.looseObject({ upstream: z.string(), state: z.string(), handle: z.string().nullable() }),
  ),
  created_at: z.string(),
})

export const characterPage = z.looseObject({
  data: z.array(character),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
})

export const event = z.looseObject({ type: z.string(), at: z.string(), seq: z.number() })

const scene = z.looseObject({
  id: z.string(),
  number: z.int().positive(),
  prompt: z.string(),
  status: z.string(),
  progress: z.number(),
  generation_id: z.string().nullable(),
  upstream: z.string().nullable(),
  cost_usd: z.number(),
  error: said.nullable(),
  warnings: z.array(z.looseObject({ code: z.string(), detail: z.string() })),
  video: z.looseObject({ url: z.string(), bytes: z.number(), sha256: z.string() }).nullable(),
})

const seriesSummary = z.looseObject({
  id: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  progress: z.number(),
  counts: z.record(z.string(), z.number()),
  cost_usd: z.number(),
  reserved_cost_usd: z.number(),
  max_cost_usd: z.number().nullable(),
  created_at: z.string(),
})

export const series = seriesSummary.extend({ scenes: z.array(scene) })

export const seriesPage = z.looseObject({
  data: z.array(seriesSummary),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
})

export const seriesPlan = z.looseObject({
  scenes: z.array(z.looseObject({ id: z.string(), number: z.number(), route: plan.nullable() })),
  estimated_cost_usd: z.number(),
  worst_case_cost_usd: z.number(),
  max_cost_usd: z.number().nullable(),
  within_max_cost: z.boolean(),
})

export const manifest = z.looseObject({
  scenes: z.array(z.looseObject({ number: z.number(), file_name: z.string().nullable() })),
})

export const pictures = z.looseObject({
  resolution: z.string().nullable(),
  aspect_ratios: z.array(z.string()).nullable(),
  sizes: z.array(z.string()).nullable(),
  lengths: z.array(
    z.looseObject({
      inputs: z.array(z.string()).nullable(),
      durations: z.array(z.number()).nullable(),
      max_seconds: z.number().nullable(),
    }),
  ),
  prices: z.array(z.looseObject({ audio: z.boolean().nullable(), per: z.string(), usd: z.number() })),
})

const limit = z.looseObject({ max: z.number() }).nullable()

const offer = z.looseObject({
  upstream: z.string(),
  kind: z.string(),
  available: z.boolean(),
  pictures: z.array(pictures),
  inputs: z.looseObject({
    first_frame: z.boolean(),
    last_frame: z.string(),
    references: z.looseObject({ image: limit, video: limit, audio: limit }),
    audio: z.string().nullable(),
    seed: z.string(),
    negative_prompt: z.string(),
    options: z.record(z.string(), z.unknown()),
  }),
  characters: z.looseObject({ fidelity: z.string().nullable(), max: z.number() }),
  success_rate: z.number().nullable(),
  latency_seconds: z.number().nullable(),
})

export const model = z.looseObject({
  id: z.string(),
  default: z.boolean(),
  upstreams: z.array(offer),
})

export const modelPage = z.looseObject({
  data: z.array(model),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
})

const figures = {
  generations: z.number(),
  videos: z.number(),
  cost_usd: z.number(),
  reserved_cost_usd: z.number(),
  official_cost_usd: z.number(),
  saving_usd: z.number(),
  vendor_cost_usd: z.number().nullable().default(null),
  vendor_difference_usd: z.number().nullable().default(null),
}

export const usage = z.looseObject({
  from: z.string(),
  to: z.string(),
  group_by: z.array(z.string()),
  data: z.array(z.looseObject(figures)),
  totals: z.looseObject(figures),
})

export type Generation = z.output<typeof generation>
export type Plan = z.output<typeof plan>
export type CharacterStills = z.output<typeof characterStills>
export type Character = z.output<typeof character>
export type Series = z.output<typeof series>
export type SeriesSummary = z.output<typeof seriesSummary>
export type SeriesPlan = z.output<typeof seriesPlan>
export type Scene = z.output<typeof scene>
export type Model = z.output<typeof model>
export type Usage = z.output<typeof usage>
export type Event = z.output<typeof event>
