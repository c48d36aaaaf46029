import type { Step } from '../../domain/scheduling/next-step.ts'
import { nextTryAt } from '../../domain/scheduling/step-retry.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import { LeaseLostError } from './leased-work.ts'
import type { LeasedWork } from './leased-work.ts'

export interface NoteFailedStepDeps {
  clock: Clock
  logger: Logger
  routing: { readonly watchMs: number }
}

/**
 * Records that a step threw an error, so that it is shown and retried on a schedule. Throws errors that are not the step's:
 * a lost lease, or a store that cannot be written.
 */
export async function noteThrow(
  { clock, logger, routing }: NoteFailedStepDeps,
  work: LeasedWork,
  step: Step,
  error: unknown,
): Promise<void> {
  if (error instanceof LeaseLostError || step.type === 'expire') throw error
  const now = clock.now()
  const { id, createdAt, attempts } = work.generation
  // A start that threw after it was stored has an attempt, whose own step is due next.
  const attempt = 'attempt' in step ? attempts.find((each) => each.id === step.attempt.id) : undefined
  logger.error(
    { err: error, generation: id, attempt: attempt?.id, upstream: attempt?.upstream, step: step.type },
    'a step failed; retrying later',
  )
  await work.record({
    type: 'step_failed',
    at: now,
    attemptId: attempt?.id ?? null,
    code: 'step_failed',
    message: `This step failed in the gateway (${step.type}${named(error)}) and is retried later. See the gateway log for the cause.`,
    nextAt: nextTryAt(createdAt, attempt?.lastError?.tries ?? 0, { now, watchMs: routing.watchMs }),
  })
}

/** The system's code of an error. Its message may contain paths and addresses and belongs in the log only. */
function named(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return /^\w{3,40}$/.test(code) ? `: ${code}` : ''
}
