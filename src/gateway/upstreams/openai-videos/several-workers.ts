import type { ReceivedAnswer } from '../dialect.ts'

/** vLLM-Omni with several workers refuses every call about videos: each keeps its jobs to itself. */
const severalWorkers = /--api-server-count\b/

/** What to do about a server that was started with several workers; null for any other answer. */
export function severalWorkersHint({ status, body }: ReceivedAnswer): string | null {
  if (status !== 409 || !severalWorkers.test(body)) return null
  return 'HTTP 409: the workers of the server do not share their jobs. Start it with --api-server-count 1.'
}
