import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { ApiProblem } from '../../../api/problem.ts'
import { askRoute } from './asked.ts'
import type { Asked, Planned } from './asked.ts'

/** From the last key until the question; with the answer, at most 350 ms. Files go along, so they wait longer. */
const pauseMs = 150
const pauseWithFilesMs = 800
/** Breakers and slots change also where nothing is typed. */
const askAgainMs = 30_000

export interface RouteState {
  /** For exactly what stands in the form now. */
  current: Planned | null
  /** The last one that there was, also if it is not for this any more. */
  shown: Planned | null
  /** Why there is no plan for what stands in the form now. */
  problem: ApiProblem | null
  isAsking: boolean
}

/** The plan for what is typed. While `isHeld`, nothing is asked: a name is half typed. */
export function useRoute(asked: Asked | null, isHeld: boolean): RouteState {
  const settled = useSettled(asked, isHeld)
  const stamp = settled?.stamp ?? ''
  const query = useQuery({
    queryKey: ['route', stamp],
    enabled: settled !== null && stamp === asked?.stamp,
    queryFn: ({ signal }) => {
      if (settled === null) throw new ApiProblem('There is no scene yet.', {})
      return askRoute(settled, signal)
    },
    placeholderData: keepPreviousData,
    staleTime: askAgainMs,
    gcTime: 60_000,
    refetchInterval: askAgainMs,
  })
  const isSettled = asked !== null && settled !== null && stamp === asked.stamp
  const { data, error } = query
  const problem = isSettled && error instanceof ApiProblem ? error : null
  return {
    current: isSettled && problem === null && data?.stamp === stamp ? data : null,
    shown: asked === null ? null : (data ?? null),
    problem,
    isAsking: asked !== null && (!isSettled || query.isFetching),
  }
}

/** What was asked last for a moment without another key. */
function useSettled(asked: Asked | null, isHeld: boolean): Asked | null {
  const [settled, setSettled] = useState(asked)
  const stamp = asked?.stamp
  useEffect(() => {
    if (isHeld) return
    const hasFiles = asked?.kind === 'one' && Object.keys(asked.files).length > 0
    const timer = setTimeout(() => setSettled(asked), hasFiles ? pauseWithFilesMs : pauseMs)
    return () => clearTimeout(timer)
    // Equal stamps are equal questions.
  }, [stamp, isHeld])
  return settled
}
