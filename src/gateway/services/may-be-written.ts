/**
 * Whether a write that failed may have been made all the same: the answer to its commit was lost, and the storage could not find
 * out in time. What belongs to it must be kept; the clean-ups remove what turns out to belong to nothing.
 */
export function mayBeWritten(error: unknown): boolean {
  return error instanceof Error && 'mayBeWritten' in error && error.mayBeWritten === true
}
