import { Problem, problemCodes } from '../../domain/problem.ts'
import type { ProblemCode } from '../../domain/problem.ts'
import { problemDocument, problemKinds, problemType } from '../answers/problems.ts'
import type { ProblemDocument } from '../answers/problems.ts'
import { busyGateway } from './busy-gateway.ts'
import type { Explanation } from './explanation.ts'
import { faultyRequests } from './faulty-requests.ts'
import { refusedRequests } from './refused-requests.ts'

/** A code without an explanation does not compile. */
export const explanations: Readonly<Record<ProblemCode, Explanation>> = {
  ...faultyRequests,
  ...refusedRequests,
  ...busyGateway,
}

/** What is published about a code. `whatToDo` and `meaning` have code in backticks. */
export interface ProblemEntry {
  code: ProblemCode
  type: string
  title: string
  status: number
  meaning: string
  whatToDo: string[]
  /** What `Retry-After` says unless the answer knows better; null: no such header. */
  retryAfterSeconds: number | null
  example: ProblemDocument
}

const exampleRequestId = 'req_6f1c5c0e-8a3e-4b0a-9d53-0c8a7b3f2f11'

export function problemEntry(code: ProblemCode): ProblemEntry {
  const { title, status, retryAfterSeconds = null } = problemKinds[code]
  const { meaning, whatToDo, example } = explanations[code]
  const { detail, faults = [], extra = {} } = example
  return {
    code,
    type: problemType(code),
    title,
    status,
    meaning,
    whatToDo,
    retryAfterSeconds,
    example: problemDocument(new Problem(code, detail, { faults, extra }), exampleRequestId),
  }
}

/** Of every code, by status. */
export function problemEntries(): ProblemEntry[] {
  return problemCodes
    .map(problemEntry)
    .toSorted((a, b) => a.status - b.status || a.code.localeCompare(b.code, 'en'))
}
