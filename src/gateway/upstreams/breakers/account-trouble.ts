import { turnsAccountAway } from '../../domain/attempts/account-trouble.ts'
import type { CreateOutcome } from '../../domain/attempts/outcome.ts'

export interface AccountWatch {
  observe(outcome: CreateOutcome): void
  /** Trouble that persists is told again. */
  reset(): void
}

/**
 * Whether an upstream turns its own account away. `onChange` gets what the upstream says when that begins, and null when it looks at
 * a request again.
 */
export function createAccountWatch(onChange: (message: string | null) => void): AccountWatch {
  // Vendors put another request ID in each message, so that only the first of them is told.
  let isTrouble = false
  const observe = (outcome: CreateOutcome): void => {
    const isAway = turnsAccountAway(outcome) ?? isTrouble
    if (isAway === isTrouble) return
    isTrouble = isAway
    onChange(isAway && 'message' in outcome ? outcome.message : null)
  }
  return {
    observe,
    reset() {
      isTrouble = false
    },
  }
}
