import type { CreateOutcome } from '../../domain/outcome.ts'
import type { Answer } from '../transport/exchange.ts'
import { retryHint } from './retry-hint.ts'
import { readVendorError } from './vendor-error.ts'
import type { VendorError } from './vendor-error.ts'

/** Every end of a create but the good one. */
export type CreateVerdict = Exclude<CreateOutcome, { type: 'accepted' }>

export interface VerdictRules {
  /** Whether a 5xx with a vendor's error body is a definite no (`create_5xx` in the configuration). */
  createServerError: 'unknown' | 'rejected'
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
export type Refinement =
  'rejected' | 'upstream_down' | 'model_gone' | 'invalid' | 'refused' | 'character_invalid'

type Kind = CreateVerdict['type'] | 'model_gone'

/** By status where the words say nothing; anything else is below in `byRange`. */
const byStatus: Record<number, Kind> = {
  301: 'upstream_down',
  307: 'upstream_down',
  308: 'upstream_down',
  400: 'invalid',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  408: 'rejected',
  // The SDKs retry it as something that passes (official-api.md §3.4).
  409: 'rejected',
  425: 'rejected',
  429: 'rejected',
  451: 'refused',
  // nginx writes 499 when its own client hung up: somebody in between did, and what became of the job is not known.
  499: 'unknown',
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
 * was made is a no. Other 4xx mean an endpoint that is not what it was. A 302 or 303 may answer a create that succeeded.
 */
export function createVerdict(answer: Answer, rules: VerdictRules): CreateVerdict {
  const error = readVendorError(answer, rules.echoes)
  const words = byWords(error)
  const refined = words === 'refused' ? null : rules.refine?.(error)
  const kind = refined ?? words ?? byShape(error) ?? byStatus[error.status] ?? byRange(error.status)
  const message = describe(answer.status, error)
  const retryAfterMs = retryHint(answer.headers, rules.receivedAt)
  switch (kind) {
    case 'rejected':
    case 'never_sent':
      return { type: kind, message, retryAfterMs }
    case 'upstream_down':
    case 'model_gone':
      return { type: 'upstream_down', message, retryAfterMs, modelGone: kind === 'model_gone' }
    case 'invalid':
      return { type: 'invalid', message, elsewhere: isOwnLimit(error) }
    case 'unknown':
      return isDefiniteServerError(error, rules)
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

/** A page with 200 is a web server that does not know the endpoint (reverse-dialects.md §4 row 5). */
function byShape({ shape, status }: VendorError): Kind | null {
  return shape === 'html' && status < 300 ? 'upstream_down' : null
}

function byRange(status: number): Kind {
  return status >= 400 && status < 500 ? 'upstream_down' : 'unknown'
}

function isDefiniteServerError(error: VendorError, rules: VerdictRules): boolean {
  const isVendorBody = error.shape === 'json' && (error.message !== '' || error.codes.length > 0)
  return rules.createServerError === 'rejected' && error.status >= 500 && isVendorBody
}

const limitFields = new Set(
  `seconds n_seconds duration duration_seconds n_frames size resolution width height aspect_ratio orientation
  model`.split(/\s+/),
)

/** Whether the complaint is about what this upstream sells, so that another one may take the same request. */
function isOwnLimit({ status, param, codes, message }: VendorError): boolean {
  if (status === 413 || status === 415) return true
  if (codes.some((code) => code.startsWith('invalid_model_for_'))) return true
  if (param !== null && limitFields.has(param)) return true
  // FastAPI and envelopes have no place for the parameter: it stands in quotes in the sentence.
  const quoted = [...message.matchAll(/['"`](\w+)['"`]/g)]
  if (param === null && quoted.some(([, word = '']) => limitFields.has(word))) return true
  const isAboutFile = param === null || param.startsWith('input_reference')
  return isAboutFile && fileLimits.test(message)
}

/** Size and type of a reference input (official-api.md §3.2); these complaints often name no parameter. */
const fileLimits =
  /must match the requested width and height|unsupported (mime ?type|image|video|file|media)|\bmime ?type\b|too large|exceeds? the maximum (file )?size/i

function describe(outer: number, error: VendorError): string {
  if (error.message !== '') return `answered ${outer}: ${error.message}`
  const code = error.codes[0]
  if (code !== undefined) return `answered ${outer} (${code})`
  const shapes = {
    html: 'an HTML page',
    json: 'JSON it does not explain',
    text: 'plain text',
    empty: 'nothing',
  }
  return `answered ${outer} with ${shapes[error.shape]}`
}
