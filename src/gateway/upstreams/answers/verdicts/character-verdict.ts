import type { CharacterOutcome } from '../../../domain/attempts/outcome.ts'
import type { Answer } from '../../transport/exchange.ts'
import { createVerdict } from './create-verdict.ts'
import type { VerdictRules } from './create-verdict.ts'
import type { Refine } from './create-verdict.ts'
import { jobFailure } from './job-verdict.ts'
import { retryAfter } from '../../transport/retry-after.ts'
import { readErrorValue, readVendorError } from './vendor-error.ts'

/**
 * The meaning of an unsuccessful response to the creation of a character. Same as for a job, except that complaints
 * about a character, or about a missing source job, are about this request.
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
 * Why the job that should create a character failed. Unless the complaint is about load, it is about the clip: retrying
 * with the same clip is not worth its price.
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

/** An unreadable response to polling a character says nothing about it. */
export function unreadCharacter(answer: Answer & { receivedAt: number }): CharacterOutcome {
  const { message } = readVendorError(answer)
  const retryAfterMs = retryAfter(answer.headers, answer.receivedAt)
  const said = message === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${message}`
  return answer.status < 300
    ? { type: 'unknown', message: said }
    : { type: 'rejected', message: said, retryAfterMs }
}
