import { useState } from 'react'
import { shuffled } from '../../../rules/shuffle.ts'
import { completeOf, noPoints } from '../../../rules/scores.ts'
import type { Aspect, DraftPoints, Points } from '../../../rules/scores.ts'
import { takesOf } from '../../../rules/takes.ts'
import type { Take } from '../../../rules/takes.ts'
import { useScore } from '../queries.ts'
import type { Cell, Comparison } from '../queries.ts'

export interface BlindState {
  takes: ReadonlyArray<Take<Cell>>
  /** The take that is being scored; the number of takes once all are. */
  at: number
  pointsOf: (generationId: string) => DraftPoints
  set: (generationId: string, aspect: Aspect, points: number) => void
  /** Whether a press of next found a slider without a value. */
  isMissing: boolean
  /** Saves this take; true once it is saved and the next one is shown. */
  next: () => Promise<boolean>
  previous: () => void
  isSaving: boolean
  error: Error | null
}

/** Delivered videos, take by take, in an order that only this comparison, take and person decide. */
export function blindTakes(comparison: Comparison, person: string): Array<Take<Cell>> {
  return takesOf(
    comparison.cells.filter(({ state }) => state === 'delivered'),
    comparison.upstreams,
  ).map((take) => ({
    ...take,
    cells: shuffled(take.cells, `${comparison.id} ${take.scene} ${take.run} ${person}`),
  }))
}

export function useBlind(comparison: Comparison, person: string): BlindState {
  const [takes] = useState(() => blindTakes(comparison, person))
  const [at, setAt] = useState(0)
  const [drafts, setDrafts] = useState<Record<string, DraftPoints>>(() => ownDrafts(comparison))
  const [isMissing, setMissing] = useState(false)
  const score = useScore(comparison.id)
  const pointsOf = (id: string) => drafts[id] ?? noPoints
  return {
    takes,
    at,
    pointsOf,
    set(id, aspect, points) {
      setMissing(false)
      setDrafts((before) => ({ ...before, [id]: { ...(before[id] ?? noPoints), [aspect]: points } }))
    },
    isMissing,
    async next() {
      const cells = takes[at]?.cells ?? []
      const scores = cells.flatMap(({ generation_id: id }) => scored(id, completeOf(pointsOf(id))))
      setMissing(scores.length < cells.length)
      if (scores.length < cells.length || score.isPending) return false
      try {
        await score.mutateAsync(scores)
      } catch {
        // Shown as `error`; what was scored stays on the screen.
        return false
      }
      setAt(at + 1)
      return true
    },
    previous() {
      setMissing(false)
      setAt(Math.max(0, at - 1))
    },
    isSaving: score.isPending,
    error: score.error,
  }
}

/** What this person scored before stands there again. */
function ownDrafts({ cells }: Comparison): Record<string, DraftPoints> {
  return Object.fromEntries(
    cells.flatMap(({ generation_id: id, own_scores: own }) => (own === null ? [] : [[id, own]])),
  )
}

function scored(id: string, points: Points | null): Array<Points & { generation_id: string }> {
  return points === null ? [] : [{ generation_id: id, ...points }]
}
