import type { ShownState } from './row-state.ts'

/** What an attempt is shown as. One that rendered for nobody any more is completed and not delivered. */
export function shownAttemptState({
  state,
  delivered,
}: {
  state: 'binding' | 'submitting' | 'unknown' | 'running' | 'archiving' | 'abandoned' | 'succeeded' | 'failed'
  delivered: boolean
}): ShownState | 'delivered' {
  if (state === 'abandoned') return 'overdue'
  if (state !== 'succeeded') return state
  return delivered ? 'delivered' : 'completed'
}
