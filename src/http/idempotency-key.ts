import { z } from 'zod'

/** Stripe's rules: up to 255 characters, remembered for 24 hours, per tenant. */
export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
    .optional()
    .meta({
      description:
        'A repeated call with the same key and body gets the first answer, for 24 hours, instead of a second generation.',
      examples: ['shot-12b-take-1'],
    }),
})
