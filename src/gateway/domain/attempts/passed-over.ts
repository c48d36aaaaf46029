import type { Attempt, Generation } from '../generation/generation.ts'
import { isFree, isTerminal } from '../generation/liveness.ts'

/** Whether a person accepted two bills: another upstream may be asked beside this attempt. */
export function isPassedOver({ resubmission = null }: Attempt): boolean {
  return resubmission !== null
}

/** Why a request is not sent again beside this attempt; null where it may be. */
export function resubmissionRefusal(generation: Generation, attempt: Attempt): string | null {
  const { status, error, video, nextAttemptAt } = generation
  if (video !== null) return 'This generation has a video.'
  if (attempt.state !== 'unknown')
    return `This attempt is ${attempt.state}: only a request with an unknown outcome can be sent again.`
  if (attempt.awaitsPerson === true)
    return `${attempt.upstream} lists a job that may belong to this attempt. Resolve it with POST /attempts/${attempt.id}/resolve.`
  if (isTerminal(generation) && !(status === 'failed' && error?.code === 'outcome_unknown'))
    return `This generation is ${status}${error === null ? '' : ` (${error.code})`}, which is final.`
  if (nextAttemptAt !== null || !isFree(generation, attempt))
    return 'Another attempt of this generation is under way. Wait for its outcome.'
  return null
}
