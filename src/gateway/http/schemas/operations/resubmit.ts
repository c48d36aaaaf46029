import { z } from 'zod'
import type { ResubmitInput } from '../../../services/generations/generations.ts'
import { attemptId } from '../fields.ts'

export const ResubmitRequest = z
  .strictObject({
    accept_two_bills: z.boolean().default(false).meta({
      description:
        'Must be true: the first job may still be charged. Without it, nothing is sent, and the problem names both amounts.',
    }),
    attempt: attemptId.optional().meta({
      description:
        'The unknown attempt. Required to send again a second time, after the next attempt has no known outcome either.',
    }),
  })
  .meta({ id: 'ResubmitRequest', examples: [{ accept_two_bills: false }] })

export function toResubmitInput(body: z.output<typeof ResubmitRequest>): ResubmitInput {
  return { acceptsTwoBills: body.accept_two_bills, attemptId: body.attempt ?? null }
}
