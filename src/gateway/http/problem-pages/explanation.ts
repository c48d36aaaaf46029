import type { FieldFault } from '../../domain/problem.ts'

/** What a page says about a code, beside its status and title. Words in backticks are shown as code. */
export interface Explanation {
  /** When this is answered, and what it has and has not changed. One or two sentences. */
  meaning: string
  /** What the caller does next, the likeliest first. */
  whatToDo: string[]
  /** A problem as routes throw it: with `problemDocument`, an answer. */
  example: { detail: string; faults?: FieldFault[]; extra?: Record<string, unknown> }
}
