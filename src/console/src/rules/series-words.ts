import type { ShownState } from './row-state.ts'

interface Scene {
  id: string
  status: string
  error: { code: string } | null
}

/** Whether a failed scene may be sent again: as it is, with other words only, or not at all. */
export type Retry = 'as_is' | 'other_words' | 'never'

export function retryOf({ status, error }: Scene): Retry | null {
  if (status !== 'failed') return null
  if (error?.code === 'content_refused') return 'other_words'
  return error?.code === 'outcome_unknown' || error?.code === 'deleted' ? 'never' : 'as_is'
}

/** The scenes that a retry without words would send again. */
export function retryable(scenes: readonly Scene[]): number {
  return scenes.filter((scene) => retryOf(scene) === 'as_is').length
}

/** A scene that waits is shown like a video that is queued. */
export function sceneState({ status }: Pick<Scene, 'status'>): ShownState {
  switch (status) {
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'in_progress':
      return status
    default:
      return 'queued'
  }
}
