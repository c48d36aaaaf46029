const maxDepth = 4
const maxEntries = 60

/**
 * Whether a response is about this job, because it contains the job's id as a whole value. What it says is then about
 * the job, whatever the HTTP status, and not about the upstream: vLLM-Omni answers the poll of a failed job with the
 * status of the failure.
 */
export function namesJob(value: unknown, id: string, depth = 0): boolean {
  if (typeof value === 'string') return value === id
  if (typeof value === 'number') return String(value) === id
  if (typeof value !== 'object' || value === null || depth > maxDepth) return false
  const inner: unknown[] = Object.values(value).slice(0, maxEntries)
  return inner.some((each) => namesJob(each, id, depth + 1))
}
