import type { Generation } from '../generation/generation.ts'
import type { Candidate } from '../generation/plan.ts'
import { nextStep } from './next-step.ts'
import type { Step } from './next-step.ts'

/** The kinds of step that wait for an upstream. A create that needs characters made or bound there is of kind `character`. */
export const stepKinds = ['create', 'poll', 'archive', 'character'] as const
export type StepKind = (typeof stepKinds)[number]

/** Steps that wait for nobody outside. */
export const localPool = 'local'
/** One kind of step at one upstream: what hangs there takes up the slots of this pool, and of no other. */
export type StepPool = typeof localPool | `${StepKind}:${string}`

/** The pool of what is due next. */
export function duePool(generation: Generation): StepPool {
  return generation.dueAt === null ? localPool : poolAt(generation, generation.dueAt)
}

/** The pool of what is due at an instant. */
export function poolAt(generation: Generation, at: number): StepPool {
  const step = nextStep(generation, at)
  return step === null ? localPool : poolOf(generation, step)
}

export function poolOf({ request }: Generation, step: Step): StepPool {
  switch (step.type) {
    case 'expire':
    case 'close':
    case 'start':
    case 'recover':
      return localPool
    case 'submit':
      return createPool(request, step.attempt)
    case 'reconcile':
    case 'watch':
    case 'poll':
    case 'cancel':
      return `poll:${step.attempt.upstream}`
    case 'archive':
      return `archive:${step.attempt.upstream}`
  }
}

/** The pools that a new generation passes on its way to the create, if its first candidate takes it. None without a candidate. */
export function poolsToCreate({ request, plan }: Pick<Generation, 'request' | 'plan'>): StepPool[] {
  const [first] = plan.candidates
  return first === undefined ? [] : [localPool, createPool(request, first)]
}

function createPool(
  { characters }: Pick<Generation['request'], 'characters'>,
  { fidelity, upstream }: Pick<Candidate, 'fidelity' | 'upstream'>,
): StepPool {
  return `${fidelity === 'native' && characters.length > 0 ? 'character' : 'create'}:${upstream}`
}

/** Where work of a pool waits that is suspected of ending the process: one at a time. */
export function aloneIn(pool: string): string {
  return `${alonePrefix}${pool}`
}

export function isAlone(pool: string): boolean {
  return pool.startsWith(alonePrefix)
}

const alonePrefix = 'alone:'

export function stepKindOf(pool: string): StepKind | typeof localPool {
  return stepKinds.find((kind) => pool.startsWith(`${kind}:`)) ?? localPool
}
