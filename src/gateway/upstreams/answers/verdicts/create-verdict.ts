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
  /** Whether a 5xx with the vendor's own error body is a definite rejection (`create_5xx` in the configuration). */
  createServerError: ServerErrorMeaning
  /** The caller's texts that the vendor may repeat. */
  echoes: readonly string[]
  /** Milliseconds since the epoch, for `Retry-After` dates. */
  receivedAt: number
  refine?: Refine
}

/**
 * The meaning of one vendor's own words, where the general rules do not know them. Takes precedence over the general
 * rules, but cannot overrule a refusal.
 */
export type Refine = (error: VendorError) => Refinement | null
export type Refinement = AnswerVerdict

type Kind = CreateVerdict['type'] | 'model_gone' | 'elsewhere'

/**
 * Statuses with which an intermediary stopped waiting: the vendor may have the job, whatever else the response says.
 * nginx sends 499 when its own client disconnected; LiteLLM sends 408 after its own timeout.
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
  // The SDKs retry it as temporary (docs/vendors/openai-videos.md#retries-and-idempotency).
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
 * The meaning of a response to a create (of a job or a character) that is not a readable success.
 * Words take precedence over the status, because vendors send any verdict with any status. Without words, only a status
 * that guarantees that nothing was created is a rejection. Other 4xx mean that the endpoint has changed. A 302 or 303
 * may answer a create that succeeded. A relay's last failure of several tries says nothing about the other tries.
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
 * A web page with 200 means that the endpoint does not exist
 * (docs/vendors/failure-modes.md#web-page-instead-of-an-answer). A 2xx without a job that complains about a length,
 * size or file rejects the request.
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
 * A status that only reports a wait, or words saying that the same request is already running: this request, or an
 * earlier try of an intermediary, may have created a job.
 */
function isUndecided({ status }: Answer, error: VendorError): boolean {
  if (waitsThatEnded.has(status) || (status >= 500 && waitsThatEnded.has(error.status))) return true
  return error.words === null && isUnderWay.test(`${error.message} ${error.codes.join(' ')}`)
}

/** The server closed the connection with an empty response before it had read the whole request. */
function isUnread({ status, body, headers, early }: Answer): boolean {
  return status === 408 && body === '' && early === true && /\bclose\b/i.test(headers['connection'] ?? '')
}

/** A 500 or 502 in the vendor's own words. If it mentions a timeout, an intermediary stopped waiting. */
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
