import { z } from 'zod'
import { problemEntry } from '../../problem-pages/problem-entry.ts'
import type { ProblemEntry } from '../../problem-pages/problem-entry.ts'
import { problemCodes } from '../../../domain/problem.ts'
import { ProblemDto } from '../problem.ts'

export const problemCode = z.enum(problemCodes).meta({
  description: 'The `code` of a problem.',
  examples: ['budget_exceeded'],
})

export const ProblemEntryDto = z
  .object({
    object: z.literal('problem'),
    code: problemCode,
    type: z.string().meta({ description: 'The `type` of such problems, which is the path of this page.' }),
    title: z.string(),
    status: z.int().meta({ description: 'The HTTP status. Below `/v1` it may be another one.' }),
    meaning: z.string().meta({ description: 'When this is answered. Code stands in backticks.' }),
    what_to_do: z.array(z.string()).meta({ description: 'What to do next, the likeliest first.' }),
    retry_after_seconds: z
      .int()
      .nullable()
      .meta({ description: 'The usual `Retry-After`. Null where there is none.' }),
    example: ProblemDto,
  })
  .meta({
    id: 'ProblemEntry',
    description: 'What a code means, and what to do.',
    examples: [toProblemEntryDto(problemEntry('rate_limited'))],
  })

export type ProblemEntryDto = z.output<typeof ProblemEntryDto>

export const ProblemEntryList = z
  .object({
    data: z.array(ProblemEntryDto).meta({ description: 'Every code, by status.' }),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({
    id: 'ProblemEntryList',
    description: 'All of it: there are no further pages.',
    examples: [{ data: [toProblemEntryDto(problemEntry('not_found'))], has_more: false, next_cursor: null }],
  })

export type ProblemEntryList = z.output<typeof ProblemEntryList>

export function toProblemEntryDto(entry: ProblemEntry) {
  const { whatToDo, retryAfterSeconds, ...rest } = entry
  return {
    object: 'problem' as const,
    ...rest,
    what_to_do: whatToDo,
    retry_after_seconds: retryAfterSeconds,
  }
}
