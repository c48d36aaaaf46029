import { z } from 'zod'
import { everyUpstream } from '../../../domain/routing/submission-pause.ts'
import type { SubmissionPause } from '../../../domain/routing/submission-pause.ts'
import { timestamp, toTimestamp, toTimestampOrNull } from '../fields.ts'

const longestReason = 500

export const PauseRequest = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .min(1)
      .max(longestReason)
      .meta({ description: 'Shown to callers whose work waits, and kept in the audit log.' }),
    until: timestamp
      .nullable()
      .default(null)
      .meta({ description: 'When the pause ends by itself. Null means when somebody resumes.' }),
  })
  .meta({ id: 'PauseRequest', examples: [{ reason: 'The account is out of credit.', until: null }] })

export const PauseDto = z
  .object({
    upstream: z.string().nullable().meta({ description: 'Null means every upstream.' }),
    reason: z.string(),
    since: timestamp,
    until: timestamp.nullable(),
    by: z.string().meta({ description: 'The name of the key that paused.' }),
  })
  .meta({
    id: 'Pause',
    description: 'Creates do not leave. Running jobs are polled and delivered as usual.',
    examples: [
      {
        upstream: 'reseller',
        reason: 'The account is out of credit.',
        since: '2026-11-27T09:00:00.000Z',
        until: null,
        by: 'ops',
      },
    ],
  })
export type PauseDto = z.output<typeof PauseDto>

export const Resumption = z
  .object({ resumed: z.boolean().meta({ description: 'False if it was not paused.' }) })
  .meta({ id: 'Resumption', examples: [{ resumed: true }] })
export type Resumption = z.output<typeof Resumption>

export function toPauseDto({ target, reason, since, until, by }: SubmissionPause): PauseDto {
  return {
    upstream: target === everyUpstream ? null : target,
    reason,
    since: toTimestamp(since),
    until: toTimestampOrNull(until),
    by,
  }
}
