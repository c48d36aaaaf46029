export const operationsPerCommit = 256
/**
 * With fewer operations of workers in a commit, these have slots left, and nothing waits for them for long. Where commits are fast, about
 * twenty were seen beside callers who never pause.
 */
const busyFrom = 8
/** An accepted generation is sent after about this many operations of workers. */
const operationsPerCreate = 6

/**
 * How many operations of callers go into a commit with `workers` operations of workers. Where these have their hands full, about as
 * many as they bring on their way, so that callers who never pause accept no more than is sent. Where workers have little to do,
 * because upstreams are full or slow, callers have no limit of their own.
 */
export function callersBeside(workers: number): number {
  if (workers < busyFrom) return operationsPerCommit
  return Math.ceil(Math.min(workers, operationsPerCommit) / operationsPerCreate)
}
