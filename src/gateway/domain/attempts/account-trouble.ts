import type { CreateOutcome } from './outcome.ts'

/**
 * Whether an upstream turned its own account away: a key that it does not take, an empty balance, a block. Null where the outcome of
 * a create says nothing about the account.
 */
export function turnsAccountAway(outcome: CreateOutcome): boolean | null {
  switch (outcome.type) {
    case 'upstream_down':
      return outcome.modelGone === true ? null : true
    // A request is judged only once its account is known.
    case 'accepted':
    case 'refused':
    case 'invalid':
    case 'character_invalid':
      return false
    // Nothing was sent, or nothing was heard, or it was turned away for a reason of the moment.
    case 'never_sent':
    case 'rejected':
    case 'unknown':
      return null
  }
}
