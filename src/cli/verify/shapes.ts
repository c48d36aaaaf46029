import { z } from 'zod'
import { attempt, generation, pictures } from '../gateway/shapes.ts'

/** The members of responses that `verify` reads. */
export const upstreamList = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      dialect: z.string(),
      models: z.array(z.string()),
      pictures: z.array(pictures),
    }),
  ),
})

export type Upstream = z.output<typeof upstreamList>['data'][number]

const paidAttempt = attempt.extend({
  vendor_cost_usd: z.number().nullable(),
  vendor_usage: z.looseObject({ amount: z.number(), unit: z.string() }).nullable(),
  expected_cost_usd: z.number(),
})

export const verified = generation.extend({ attempts: z.array(paidAttempt) })

export type Verified = z.output<typeof verified>

const exchange = z.looseObject({
  operation: z.string(),
  path: z.string(),
  ending: z.string(),
  status: z.number().nullable(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
})

export type Exchange = z.output<typeof exchange>

export const exchangeList = z.looseObject({
  data: z.array(z.looseObject({ exchanges: z.array(exchange) })),
})
