import type { CharacterOutcome } from '../../domain/outcome.ts'
import type { Answer } from '../transport/exchange.ts'
import { createVerdict } from './create-verdict.ts'
import type { VerdictRules } from './create-verdict.ts'
import { readVendorError } from './vendor-error.ts'

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
    return { type: 'invalid', message: `answered ${answer.status}: ${said}` }
  const verdict = createVerdict(answer, rules)
  if (verdict.type === 'invalid' || verdict.type === 'character_invalid')
    return { type: 'invalid', message: verdict.message }
  return 'retryAfterMs' in verdict ? verdict : { type: verdict.type, message: verdict.message }
}
