import type { BreakerName } from '../../rules/upstream-state.ts'
import type { Upstream } from './queries.ts'

/** What an operator does to an upstream, each in a dialog that says what follows. */
export type Action = { type: 'pause' | 'resume' | 'probe' } | { type: 'reset'; operation: BreakerName }

export interface DialogProps {
  upstream: Upstream
  onClose: () => void
  /** It is done; `said` is what a person is told about it. */
  onDone: (said: string) => void
}
