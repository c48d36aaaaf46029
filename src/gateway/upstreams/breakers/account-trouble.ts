import { turnsAccountAway } from '../../domain/attempts/account-trouble.ts'
import type { CreateOutcome } from '../../domain/attempts/outcome.ts'

export interface AccountWatch {
  observe(outcome: CreateOutcome): void
  /** Trouble that persists is told again, and so is its end. */
  reset(): void
}

/**
 * Whether an upstream turns its own account away. `onChange` gets what the upstream says when that begins, and null when it looks at
 * a request again.
 */
export function createAccountWatch(onChange: (message: string | null) => void): AccountWatch {
  // Vendors put another request ID in each message, so that only the first of them is told.
  let state: 'fine' | 'trouble' | 'forgotten' = 'fine'
  return {
    observe(outcome) {
      const isAway = turnsAccountAway(outcome)
      if (isAway === null || state === (isAway ? 'trouble' : 'fine')) return
      state = isAway ? 'trouble' : 'fine'
      onChange(isAway && 'message' in outcome ? outcome.message : null)
    },
    reset() {
      if (state === 'trouble') state = 'forgotten'
    },
  }
}
