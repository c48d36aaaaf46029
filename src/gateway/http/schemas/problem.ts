import { z } from 'zod'
import { problemCodes } from '../../domain/problem.ts'
import type { ProblemCode } from '../../domain/problem.ts'
import { problemKinds, problemType } from '../answers/problems.ts'

const fieldFault = z
  .object({
    pointer: z.string().meta({
      description: 'A JSON pointer into the request body, or below `#/query` or `#/headers`.',
    }),
    detail: z.string(),
  })
  .meta({ id: 'FieldFault' })

export const ProblemDto = z
  .looseObject({
    type: z.string().meta({
      description:
        '`/problems/` followed by the code: where this gateway has a page about it (`getProblem`).',
    }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z
      .enum(problemCodes)
      .meta({ description: 'A stable code. Use it to handle errors in your program.' }),
    request_id: z.string(),
    errors: z.array(fieldFault).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'Why the request failed (RFC 9457). Nothing was stored.',
    examples: [
      {
        type: problemType('validation_failed'),
        title: 'Invalid request',
        status: 400,
        detail: 'routing.priority must be one of cost, stability.',
        code: 'validation_failed',
        request_id: 'req_6f1c5c0e-8a3e-4b0a-9d53-0c8a7b3f2f11',
        errors: [{ pointer: '/routing/priority', detail: 'must be one of cost, stability' }],
      },
    ],
  })

interface Answer {
  description: string
  content: Record<string, { schema: z.ZodType }>
}

/** What an operation answers with success, for a route's `response`. */
export function answer(description: string, schema: z.ZodType, contentType = 'application/json'): Answer {
  return { description, content: { [contentType]: { schema } } }
}

/** The same for an operation with several forms of one answer, by content type. */
export function answerAs(description: string, schemas: Record<string, z.ZodType>): Answer {
  const content = Object.entries(schemas).map(([contentType, schema]) => [contentType, { schema }] as const)
  return { description, content: Object.fromEntries(content) }
}

/** The problems an operation can answer, by status, for a route's `response`. */
export function problems(...codes: ProblemCode[]): Record<number, Answer> {
  const answers: Record<number, Answer> = {}
  for (const code of codes) {
    const { status, title } = problemKinds[code]
    const line = `\`${code}\`: ${title}.`
    const known = answers[status]
    if (known === undefined) answers[status] = answer(line, ProblemDto, 'application/problem+json')
    else known.description += ` ${line}`
  }
  return answers
}

/** What every operation that needs a key can answer. */
export const keyed: ProblemCode[] = [
  'unauthorized',
  'forbidden',
  'rate_limited',
  'overloaded',
  'storage_unavailable',
  'internal',
]

/** What every operation with a body can answer. */
export const unreadableBody: ProblemCode[] = [
  'validation_failed',
  'malformed_body',
  'payload_too_large',
  'unsupported_media_type',
]
