import type { AnswerVerdict, ServerErrorMeaning } from '../../../domain/routing/answer-words.ts'
import type { CreateOutcome } from '../../../domain/attempts/outcome.ts'
import type { Answer } from '../../transport/exchange.ts'
import { retryAfter } from '../../transport/retry-after.ts'
import { isOwnLimit } from './own-limits.ts'
import { tellsOfSeveralTries } from '../several-tries.ts'
import { isUnderWay, tellsOfFault, tellsOfWait } from './server-faults.ts'
import { readVendorError } from './vendor-error.ts'
import type { VendorError } from './vendor-error.ts'

/** Every outcome of a create except success. */
export type CreateVerdict = Exclude<CreateOutcome, { type: 'accepted' }>

export interface VerdictRules {
  /** Whether a 5xx with a vendor's error body is a definite no (`create_5xx` in the configuration). */
  createServerError: ServerErrorMeaning
  /** Texts of the caller that a vendor may repeat. */
  echoes: readonly string[]
  /** Milliseconds since the epoch, for `Retry-After` dates. */
  receivedAt: number
  refine?: Refine
}

/**
 * What one vendor's own words mean, where the general rules do not know them. It decides before them, with one exception: it
 * cannot overrule a refusal.
 */
export type Refine = (error: VendorError) => Refinement | null
export type Refinement = AnswerVerdict

type Kind = CreateVerdict['type'] | 'model_gone' | 'elsewhere'

/**
 * Somebody in between stopped waiting for an answer: the vendor may have the job, whatever else is said. nginx writes 499 when
 * its own client hung up; LiteLLM answers 408 after its own timeout.
 */
const waitsThatEnded: ReadonlySet<number> = new Set([408, 499, 504, 520, 524])

/** The verdict by status if the words decide nothing. For other statuses see `byRange`. */
const byStatus: Record<number, Kind> = {
  301: 'upstream_down',
  307: 'upstream_down',
  308: 'upstream_down',
  400: 'invalid',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  // The SDKs retry it as something that passes (docs/vendors/openai-videos.md#retries-and-idempotency).
  409: 'rejected',
  425: 'rejected',
  429: 'rejected',
  451: 'refused',
  501: 'rejected',
  503: 'rejected',
  521: 'rejected',
  522: 'rejected',
  523: 'rejected',
  525: 'rejected',
  526: 'rejected',
}

/**
 * What an answer to a create (of a job or a character) means when it is not a readable success. Words come before the
 * status, because vendors put any verdict into any status; without words, only a status that says for certain that nothing
 * was made is a no. Other 4xx mean an endpoint that is not what it was. A 302 or 303 may answer a create that succeeded. A
 * relay's last failure of several tries says nothing of the others.
 */
export function createVerdict(answer: Answer, rules: VerdictRules): CreateVerdict {
  const verdict = verdictOf(answer, rules)
  const isLast = verdict.type === 'refused' || (verdict.type === 'invalid' && !verdict.elsewhere)
  return !isLast && tellsOfSeveralTries(verdict.message)
    ? { type: 'unknown', message: verdict.message }
    : verdict
}

function verdictOf(answer: Answer, rules: VerdictRules): CreateVerdict {
  const error = readVendorError(answer, rules.echoes)
  const words = byWords(error)
  const refined = words === 'refused' ? null : rules.refine?.(error)
  const kind = isUndecided(answer, error)
    ? 'unknown'
    : (refined ??
      words ??
      byShape(error) ??
      byFault(error) ??
      byStatus[error.status] ??
      byRange(error.status))
  const message = describe(answer.status, error)
  const retryAfterMs = retryAfter(answer.headers, rules.receivedAt)
  switch (kind) {
    case 'rejected':
    case 'never_sent':
      return { type: kind, message, retryAfterMs }
    case 'upstream_down':
    case 'model_gone':
      return { type: 'upstream_down', message, retryAfterMs, modelGone: kind === 'model_gone' }
    case 'invalid':
      return { type: 'invalid', message, elsewhere: isOwnLimit(error) }
    case 'elsewhere':
      return { type: 'invalid', message, elsewhere: true }
    case 'unknown':
      if (isUnread(answer)) return { type: 'rejected', message, retryAfterMs }
      return isDefiniteServerError(answer.status, error, rules)
        ? { type: 'rejected', message, retryAfterMs }
        : { type: 'unknown', message }
    case 'refused':
    case 'character_invalid':
      return { type: kind, message }
  }
}

function byWords({ words, status }: VendorError): Kind | null {
  switch (words) {
    case 'refused':
      return 'refused'
    case 'character':
      return 'character_invalid'
    case 'gone':
      return 'model_gone'
    case 'down':
      return 'upstream_down'
    case 'overloaded':
      return 'rejected'
    case 'invalid':
      return status < 300 || status >= 500 ? 'invalid' : null
    case 'no_such_job':
    case null:
      return null
  }
}

/**
 * A page with 200 is a web server that does not know the endpoint
 * (docs/vendors/failure-modes.md#web-page-instead-of-an-answer). A success without a job that
 * complains of a length, a size or a file is a no to the request.
 */
function byShape(error: VendorError): Kind | null {
  if (error.status >= 300) return null
  if (error.shape === 'html') return 'upstream_down'
  return error.shape === 'json' && isOwnLimit(error) ? 'elsewhere' : null
}

/** A 400 that reports an internal fault or timeout counts as a 5xx, not as a complaint about the request. */
function byFault(error: VendorError): Kind | null {
  return [400, 422].includes(error.status) && !isOwnLimit(error) && tellsOfFault(error) ? 'unknown' : null
}

function byRange(status: number): Kind {
  return status >= 400 && status < 500 ? 'upstream_down' : 'unknown'
}

/**
 * A status that only tells of a wait, or words that the same request is under way already: it, or an earlier try of somebody
 * in between, may have made a job.
 */
function isUndecided({ status }: Answer, error: VendorError): boolean {
  if (waitsThatEnded.has(status) || (status >= 500 && waitsThatEnded.has(error.status))) return true
  return error.words === null && isUnderWay.test(`${error.message} ${error.codes.join(' ')}`)
}

/** A server that stopped reading answers before the request was written, with an empty body, and closes the connection. */
function isUnread({ status, body, headers, early }: Answer): boolean {
  return status === 408 && body === '' && early === true && /\bclose\b/i.test(headers['connection'] ?? '')
}

/** A 500 or 502 in the vendor's own words; one that tells of a timeout is the end of somebody's wait as well. */
function isDefiniteServerError(outer: number, error: VendorError, rules: VerdictRules): boolean {
  const isVendorBody = error.shape === 'json' && (error.message !== '' || error.codes.length > 0)
  const isServerError =
    byFault(error) !== null ||
    ([500, 502].includes(error.status) && (outer < 300 || [500, 502].includes(outer)))
  return rules.createServerError === 'rejected' && isServerError && isVendorBody && !tellsOfWait(error)
}

function describe(outer: number, error: VendorError): string {
  if (error.message !== '') return `HTTP ${outer}: ${error.message}`
  const code = error.codes[0]
  if (code !== undefined) return `HTTP ${outer} (${code})`
  const shapes = {
    html: 'an HTML page',
    json: 'unrecognized JSON',
    text: 'plain text',
    empty: 'an empty body',
  }
  return `HTTP ${outer} with ${shapes[error.shape]}`
}
