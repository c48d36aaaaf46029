/** What a generation is shown as: one state of eleven, each with a shape and a word. */
export const shownStates = [
  'queued',
  'binding',
  'submitting',
  'running',
  'archiving',
  'in_progress',
  'completed',
  'failed',
  'cancelled',
  'unknown',
  'overdue',
] as const
export type ShownState = (typeof shownStates)[number]

interface Row {
  status: 'queued' | 'in_progress' | 'completed' | 'failed' | 'cancelled'
  attempts: ReadonlyArray<{ state: string }>
}

const running = ['archiving', 'running', 'submitting', 'binding'] as const

/**
 * Attempts first, then the status: an attempt whose outcome is unknown outranks everything else, also when its generation has
 * ended; then one that is overdue and still watched, unless the video has come.
 */
export function rowState({ status, attempts }: Row): ShownState {
  const has = (state: string) => attempts.some((attempt) => attempt.state === state)
  if (has('unknown')) return 'unknown'
  if (has('abandoned') && status !== 'completed') return 'overdue'
  if (status !== 'in_progress') return status
  return running.find(has) ?? 'in_progress'
}

/** Whether nothing of the generation changes any more, unless a late bill or a late video comes. */
export function hasEnded({ status }: Pick<Row, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
