import type { ListedJob, ListOutcome } from '../../ports/upstream.ts'
import type { CallResult, Dialect } from '../dialect.ts'
import type { ApiCall } from '../transport/api-call.ts'

const maxPages = 10

/**
 * Lists the jobs created since `since` (ms since the epoch), page by page, newest first, up to the first older job.
 * Vendors report whole seconds, so the second of `since` is included; a job without a time counts as recent. The result
 * is complete only if every page was read, from a list that is authoritative.
 */
export async function listRecent(
  list: NonNullable<Dialect['list']>,
  since: number,
  send: (call: ApiCall) => Promise<CallResult>,
): Promise<ListOutcome> {
  const from = Math.floor(since / 1000) * 1000
  const jobs: ListedJob[] = []
  let skipped = 0
  let after: string | null = null
  for (let count = 0; count < maxPages; count += 1) {
    const result = await send(list.encode(after))
    if (result.type !== 'answer') return { type: 'unreachable', message: result.message }
    const page = list.decode(result)
    // A proxy's error page looks the same. A temporary error must not end the search for a job that may be paid for.
    if (page.type === 'unsupported')
      return { type: 'unreachable', message: 'The response has no list of jobs.' }
    if (page.type !== 'page') return page
    const recent = page.jobs.filter(({ createdAt }) => createdAt === null || createdAt >= from)
    jobs.push(...recent)
    skipped += page.skipped
    const isPast = recent.length < page.jobs.length
    if (isPast || page.next === null)
      return { type: 'listed', jobs, complete: list.isAuthority && skipped === 0 }
    if (page.next === after) break
    after = page.next
  }
  return { type: 'listed', jobs, complete: false }
}
