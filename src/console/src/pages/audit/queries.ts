import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import type { AuditQuery } from '../../rules/audit-filter.ts'

export type AuditEntry = Schemas['AuditEntry']
export type AuditPage = Schemas['AuditPage']

/** Newest first, fifty at a time. The same path also answers files, which are not asked for. */
export function entriesQuery(query: AuditQuery) {
  return infiniteQueryOptions({
    queryKey: ['audit', query],
    async queryFn({ pageParam, signal }): Promise<AuditPage> {
      const paged = { ...query, limit: 50, ...(pageParam !== null && { cursor: pageParam }) }
      const page = await bodyOf(
        api.GET('/audit', { params: { query: paged }, headers: { accept: 'application/json' }, signal }),
      )
      if (typeof page === 'string' || !('has_more' in page))
        throw new ApiProblem('The gateway sent no page.', { code: 'unreadable' })
      return page
    },
    initialPageParam: firstPage(),
    getNextPageParam: ({ next_cursor: next }) => next,
  })
}

function firstPage(): string | null {
  return null
}
