import { Problem } from '../../domain/problem.ts'

/** What is not there, or belongs to another tenant. */
export function notFound(what: string): Problem {
  const detail = `There is no such ${what}.`
  return new Problem('not_found', detail, { faults: [{ pointer: '#/path/id', detail }] })
}
