import type { Simulator } from '../../src/simulator/simulator.ts'
import type { Asked } from './order.ts'
import { finalStatuses, liveStates } from './shown.ts'
import type { ShownEvent, ShownGeneration } from './shown.ts'

export type Render = ReturnType<Simulator['control']['renders']>[number]

/** A finding about one generation: the number of its kind in the table, and a description. */
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

/** Everything that the API shows about one generation, or showed when it was deleted. */
export interface Case {
  generation: ShownGeneration
  key: Asked['key']
  asked: Asked | undefined
  /** Null for a generation that has not ended, because its log is incomplete. */
  events: ShownEvent[] | null
  renders: Render[]
  isDeleted: boolean
}

export const micros = (usd: number): number => Math.round(usd * 1e6)
/** Vendors whose jobs can be listed. The job of a lost response must be found there. */
const listable = new Set(['official', 'own-gpu'])
/** Jobs count as candidates if they were created after the request, or at most this long before it, by the gateway's clock. */
const skewMs = 10_000

/** Whether no work is left for this generation. */
export function isSettled(generation: ShownGeneration, renders: readonly Render[]): boolean {
  return (
    finalStatuses.has(generation.status) &&
    !generation.attempts.some(({ state }) => liveStates.has(state)) &&
    findable(generation, renders).length === 0
  )
}

/** Whether nothing about this generation can change any more, because no job is still searched for in a list. */
export function isFrozen({ status, attempts }: ShownGeneration): boolean {
  return (
    finalStatuses.has(status) &&
    !attempts.some(
      ({ state, upstream }) => liveStates.has(state) || (state === 'unknown' && listable.has(upstream)),
    )
  )
}

/** Renders of lost responses that the gateway can still find, but has not found. */
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

/** Renders that belong to no attempt. */
export function orphansOf({ attempts }: ShownGeneration, renders: readonly Render[]): Render[] {
  const known = new Set(attempts.map(({ upstream_id: id }) => id))
  return renders.filter(({ id }) => !known.has(id))
}
