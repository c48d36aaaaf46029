import { transition } from '../attempts/transition.ts'
import type { Generation } from '../generation/generation.ts'
import type { GenerationStatus } from '../generation/history.ts'
import { isTerminal } from '../generation/liveness.ts'
import type { GenerationId } from '../ids.ts'
import { moneyOf } from '../generation/money.ts'
import type { Money } from '../generation/money.ts'

/**
 * What became of one of many generations that were to be cancelled. `cancellable`: in a dry run, it would be cancelled.
 * `no_longer_matching`: it changed since it was found, so that the filter does not mean it any more.
 * `not_cancelled`: it changed at every try, or could not be stored; the call can be repeated. `not_found`: it does not exist,
 * or the key may not act on it.
 */
export const cancelOutcomes = [
  'cancelled',
  'cancellable',
  'already_cancelled',
  'already_ended',
  'no_longer_matching',
  'not_cancelled',
  'not_found',
] as const
export type CancelOutcomeWord = (typeof cancelOutcomes)[number]

export interface CancelRow {
  id: GenerationId
  outcome: CancelOutcomeWord
  /** Null where it was not found, or could not be cancelled. */
  tenant: string | null
  status: GenerationStatus | null
  /** Attempts that had left to an upstream and have no verdict yet: each may still be charged. */
  sent: number
  money: Money
}

/** `after`: the generation once it is cancelled; else as it is. */
export function cancelRow(
  outcome: CancelOutcomeWord,
  { id, tenant, status }: Generation,
  after: Pick<Generation, 'attempts'>,
): CancelRow {
  const sent = after.attempts.filter(({ costState, submittedAt }) => {
    return costState === 'reserved' && submittedAt !== null
  })
  return { id, outcome, tenant, status, sent: sent.length, money: moneyOf(after) }
}

/** What a cancel would do at this instant (ms since the epoch). */
export function dryCancel(generation: Generation, at: number): CancelRow {
  if (isTerminal(generation)) return endedRow(generation)
  const { generation: after } = transition(generation, { type: 'cancel_requested', at })
  return cancelRow('cancellable', generation, after)
}

/** Of a generation that had ended before. */
export function endedRow(generation: Generation): CancelRow {
  const outcome = generation.status === 'cancelled' ? 'already_cancelled' : 'already_ended'
  return cancelRow(outcome, generation, generation)
}
