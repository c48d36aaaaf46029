import type { CreateOutcome } from '../../domain/attempts/outcome.ts'

export interface AccountWatch {
  observe(outcome: CreateOutcome): void
  /** Trouble that persists is told again. */
  reset(): void
}

/**
 * Whether an upstream turns its own account away: a key that it does not take, an empty balance. `onChange` gets what the
 * upstream says when that begins, and null when it looks at a request again.
 */
export function createAccountWatch(onChange: (message: string | null) => void): AccountWatch {
  // Vendors put another request ID in each message, so that only the first of them is told.
  let isTrouble = false
  const become = (message: string | null): void => {
    if ((message !== null) === isTrouble) return
    isTrouble = message !== null
    onChange(message)
  }
  const observe = (outcome: CreateOutcome): void => {
    switch (outcome.type) {
      case 'upstream_down':
        if (outcome.modelGone !== true) become(outcome.message)
        return
      // A request is judged only once its account is known.
      case 'accepted':
      case 'refused':
      case 'invalid':
      case 'character_invalid':
        return become(null)
      // Nothing was sent, or nothing was heard, or it was turned away for a reason of the moment.
      case 'never_sent':
      case 'rejected':
      case 'unknown':
    }
  }
  return {
    observe,
    reset() {
      isTrouble = false
    },
  }
}
