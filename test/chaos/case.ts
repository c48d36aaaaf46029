import type { Simulator } from '../../src/simulator/simulator.ts'
import type { Asked } from './order.ts'
import { finalStatuses, liveStates } from './shown.ts'
import type { ShownEvent, ShownGeneration } from './shown.ts'

export type Render = ReturnType<Simulator['control']['renders']>[number]

/** What was found out about one generation, by its number in the table and in words. */
export interface Violation {
  kind:
    | 'rendered twice'
    | 'lost'
    | 'stuck'
    | 'accepted twice'
    | 'history'
    | 'followers'
    | 'final state changed'
    | 'ledger'
    | 'usage report'
    | 'floor'
    | 'refusal'
    | 'reference'
    | 'video'
    | 'verdict'
    | 'deleted'
    | 'caller'
  id: string
  detail: string
}

export type Blame = (kind: Violation['kind'], detail: string) => void

/** Everything about one generation that the outside can see, or could see when it was deleted. */
export interface Case {
  generation: ShownGeneration
  key: Asked['key']
  asked: Asked | undefined
  /** Null for a generation that has not ended, whose log is not whole. */
  events: ShownEvent[] | null
  renders: Render[]
  isDeleted: boolean
}

export const micros = (usd: number): number => Math.round(usd * 1e6)
/** Vendors whose jobs can be listed; there the job of a lost answer must be found. */
const listable = new Set(['official', 'own-gpu'])
/** A job is looked for among those created so long before the request, by the gateway's clock, or later. */
const skewMs = 10_000

/** Whether nothing of this generation is left to be done. */
export function isSettled(generation: ShownGeneration, renders: readonly Render[]): boolean {
  return (
    finalStatuses.has(generation.status) &&
    !generation.attempts.some(({ state }) => liveStates.has(state)) &&
    findable(generation, renders).length === 0
  )
}

/** Whether nothing of this generation can change any more: nothing is looked for where jobs can be listed. */
export function isFrozen({ status, attempts }: ShownGeneration): boolean {
  return (
    finalStatuses.has(status) &&
    !attempts.some(
      ({ state, upstream }) => liveStates.has(state) || (state === 'unknown' && listable.has(upstream)),
    )
  )
}

/** Renders of lost answers that the gateway can still find and has not found. */
export function findable(generation: ShownGeneration, renders: readonly Render[]): Render[] {
  const open = generation.attempts.filter(({ state }) => state === 'unknown')
  return orphansOf(generation, renders).filter(
    (render) =>
      listable.has(render.upstream) &&
      render.state !== 'deleted' &&
      open.some(
        (attempt) =>
          attempt.upstream === render.upstream &&
          render.createdAt > Date.parse(attempt.started_at) - skewMs / 2,
      ),
  )
}

/** Renders that no attempt names. */
export function orphansOf({ attempts }: ShownGeneration, renders: readonly Render[]): Render[] {
  const known = new Set(attempts.map(({ upstream_id: id }) => id))
  return renders.filter(({ id }) => !known.has(id))
}
