import type { ReceivedAnswer } from '../dialect.ts'

/** With several workers, vLLM-Omni rejects every call about videos, because each worker keeps its jobs to itself. */
const severalWorkers = /--api-server-count\b/

/** How to fix a server that was started with several workers; null for any other response. */
export function severalWorkersHint({ status, body }: ReceivedAnswer): string | null {
  if (status !== 409 || !severalWorkers.test(body)) return null
  return 'HTTP 409: the workers of the server do not share their jobs. Start it with --api-server-count 1.'
}
