const maxDepth = 4
const maxEntries = 60

/**
 * Whether an answer is about this very job: its id stands somewhere in it as a whole value. What is said there is said about
 * the job, whatever the HTTP status, and says nothing about the upstream: vLLM-Omni answers the poll of a failed job with the
 * status of the failure.
 */
export function namesJob(value: unknown, id: string, depth = 0): boolean {
  if (typeof value === 'string') return value === id
  if (typeof value === 'number') return String(value) === id
  if (typeof value !== 'object' || value === null || depth > maxDepth) return false
  const inner: unknown[] = Object.values(value).slice(0, maxEntries)
  return inner.some((each) => namesJob(each, id, depth + 1))
}
