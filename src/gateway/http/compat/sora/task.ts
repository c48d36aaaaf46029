import type { GenerationErrorCode } from '../../../domain/generation/failure.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import type { ShareVideo } from '../../../services/generations/share-video.ts'
import type { SoraTask } from './schemas.ts'

/** The word by which resellers' clients know a refusal (docs/vendors/failure-modes.md#refused-at-the-create). */
const errorCodes: Partial<Record<GenerationErrorCode, string>> = {
  content_refused: 'content_policy_violation',
}

/**
 * A generation as a task of docs/vendors/resellers.md#the-sora-tasks-protocol, which defines only `completed` and `failed`:
 * anything else means running. A video that is not kept any more is a failure: `completed` promises a URL.
 */
export function toSoraTask(generation: Generation, shareVideo: ShareVideo): SoraTask {
  const { id, status, request, error, video } = generation
  const task = { task_id: id, progress: Math.floor(generation.progress), model: request.model }
  switch (status) {
    case 'queued':
    case 'in_progress':
      return { ...task, status: 'processing' }
    case 'failed':
    case 'cancelled': {
      const code = error === null ? status : (errorCodes[error.code] ?? error.code)
      return {
        ...task,
        status: 'failed',
        error: `${code}: ${error?.message ?? 'The task ended without a video.'}`,
      }
    }
    case 'completed':
      return video === null || video.expiredAt !== null
        ? { ...task, status: 'failed', error: 'expired: The video is not kept any more.' }
        : { ...task, status: 'completed', video_url: shareVideo(video) }
  }
}
