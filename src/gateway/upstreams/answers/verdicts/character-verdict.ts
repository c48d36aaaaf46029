import type { CharacterOutcome } from '../../../domain/attempts/outcome.ts'
import type { Answer } from '../../transport/exchange.ts'
import { createVerdict } from './create-verdict.ts'
import type { VerdictRules } from './create-verdict.ts'
import type { Refine } from './create-verdict.ts'
import { jobFailure } from './job-verdict.ts'
import { retryAfter } from '../../transport/retry-after.ts'
import { readErrorValue, readVendorError } from './vendor-error.ts'

/**
 * What an answer to the creation of a character means when it is no success. As for a job, except that complaints about a
 * character, and a source job that the vendor does not have, are complaints about this request.
 */
export function characterVerdict(
  answer: Answer,
  rules: VerdictRules,
): Exclude<CharacterOutcome, { type: 'ready' | 'pending' }> {
  const { words, message: said } = readVendorError(answer, rules.echoes)
  if (words === 'no_such_job' && answer.status < 500)
    return { type: 'invalid', message: `HTTP ${answer.status}: ${said}` }
  const verdict = createVerdict(answer, rules)
  if (verdict.type === 'invalid' || verdict.type === 'character_invalid')
    return { type: 'invalid', message: verdict.message }
  return 'retryAfterMs' in verdict
    ? { type: verdict.type, message: verdict.message, retryAfterMs: verdict.retryAfterMs }
    : { type: verdict.type, message: verdict.message }
}

/**
 * Why the job that should make a character ended without one. A complaint is about the clip unless it is about the load: no
 * other try with the same clip is worth its price.
 */
export function characterFailure(
  error: unknown,
  fallback: string,
  refine?: Refine,
): Extract<CharacterOutcome, { message: string }> {
  const failure = jobFailure(error, fallback, refine)
  const message = 'message' in failure ? failure.message : fallback
  if (failure.type === 'refused') return { type: 'refused', message }
  const read = readErrorValue(error)
  const isLoad = read.words === 'overloaded' || refine?.(read) === 'rejected'
  return isLoad ? { type: 'rejected', message, retryAfterMs: null } : { type: 'invalid', message }
}

/** What an answer to asking about a character says that cannot be read as one: nothing, whatever it complains about. */
export function unreadCharacter(answer: Answer & { receivedAt: number }): CharacterOutcome {
  const { message } = readVendorError(answer)
  const retryAfterMs = retryAfter(answer.headers, answer.receivedAt)
  const said = message === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${message}`
  return answer.status < 300
    ? { type: 'unknown', message: said }
    : { type: 'rejected', message: said, retryAfterMs }
}
