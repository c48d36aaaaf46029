import type { Generation } from '../generation/generation.ts'
import { nextStep } from './next-step.ts'
import type { Step } from './next-step.ts'

/** The kinds of step that wait for an upstream. A create that needs characters made or bound there is of kind `character`. */
export const stepKinds = ['create', 'poll', 'archive', 'character'] as const
export type StepKind = (typeof stepKinds)[number]

/** Steps that wait for nobody outside. */
export const localLane = 'local'
/** One kind of step at one upstream: what hangs there takes up the places of this lane, and of no other. */
export type Lane = typeof localLane | `${StepKind}:${string}`

/** The lane of what is due next. */
export function dueLane(generation: Generation): Lane {
  return generation.dueAt === null ? localLane : laneAt(generation, generation.dueAt)
}

/** The lane of what is due at an instant. */
export function laneAt(generation: Generation, at: number): Lane {
  const step = nextStep(generation, at)
  return step === null ? localLane : laneOf(generation, step)
}

export function laneOf({ request }: Generation, step: Step): Lane {
  switch (step.type) {
    case 'expire':
    case 'close':
    case 'start':
    case 'recover':
      return localLane
    case 'submit': {
      const binds = step.attempt.fidelity === 'native' && request.characters.length > 0
      return `${binds ? 'character' : 'create'}:${step.attempt.upstream}`
    }
    case 'reconcile':
    case 'watch':
    case 'poll':
    case 'cancel':
      return `poll:${step.attempt.upstream}`
    case 'archive':
      return `archive:${step.attempt.upstream}`
  }
}

/** Where work of a lane waits that is suspected of ending the process: one at a time. */
export function aloneIn(lane: string): string {
  return `${alonePrefix}${lane}`
}

export function isAlone(lane: string): boolean {
  return lane.startsWith(alonePrefix)
}

const alonePrefix = 'alone:'

export function kindOf(lane: string): StepKind | typeof localLane {
  return stepKinds.find((kind) => lane.startsWith(`${kind}:`)) ?? localLane
}
