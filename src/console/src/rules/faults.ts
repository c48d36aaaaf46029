import { ApiProblem } from '../api/problem.ts'

/** What a failed call said of the fields at these JSON pointers, or below them; null for nothing. */
export function faultAt(error: Error | null, ...pointers: readonly string[]): string | null {
  if (!(error instanceof ApiProblem)) return null
  const fault = error.faults.find(({ pointer }) => isAt(pointer, pointers))
  return fault === undefined ? null : fault.detail
}

/** Whether it says more than what stands at these fields. */
export function otherFaults(error: Error | null, pointers: readonly string[]): boolean {
  if (!(error instanceof ApiProblem)) return error !== null
  return error.faults.length === 0 || error.faults.some(({ pointer }) => !isAt(pointer, pointers))
}

function isAt(pointer: string, pointers: readonly string[]): boolean {
  return pointers.some((each) => pointer === each || pointer.startsWith(`${each}/`))
}
