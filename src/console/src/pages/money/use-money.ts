import { getRouteApi } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { groupsIn } from '../../rules/usage-rows.ts'
import { spanOf } from '../../rules/usage-span.ts'
import type { MoneySearch } from './search.ts'

const route = getRouteApi('/money')

/** What the address says is shown, and how to change it. */
export function useMoney() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [now] = useState(() => Date.now())
  const { month, from, to } = search
  const span = useMemo(() => spanOf({ month, from, to }, now), [month, from, to, now])
  const groups = useMemo(() => groupsIn(search.by), [search.by])
  const change = (next: Partial<MoneySearch>): void => {
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  }
  return { now, search, span, groups, change }
}

export type MoneyView = ReturnType<typeof useMoney>
