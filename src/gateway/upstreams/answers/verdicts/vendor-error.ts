import type { Answer } from '../../transport/exchange.ts'
import { withoutEchoes } from '../echoes.ts'
import { isHtml, parseJson } from '../json-body.ts'
import { nameOf } from '../layers.ts'
import { wordVerdict } from './vendor-words.ts'
import type { WordVerdict } from './vendor-words.ts'

/** The content of an error response, in whatever envelope. */
export interface VendorError {
  /**
   * The HTTP status. For a 200, or the 5xx of an intermediary, the status quoted in the body, because relays wrap the
   * verdict of the server behind them (docs/vendors/relays.md#retries-by-relays, docs/vendors/job-apis.md#kie).
   */
  status: number
  /** Lower-case values of code and type fields. */
  codes: string[]
  /** All sentences found, without the caller's texts. */
  message: string
  param: string | null
  shape: 'json' | 'html' | 'text' | 'empty'
  words: WordVerdict | null
}

interface Found {
  codes: string[]
  messages: string[]
  param: string | null
}

const codeKeys = new Set(
  `code type errorcode errortype errcode failcode failurecode failurereason failreasoncode statuscode subcode
  retcode errorname reasoncode bizcode`.split(/\s+/),
)
const messageKeys = new Set(
  `message msg messages failreason failmsg failmessage failurereason failuremessage failure errormessage errormsg errmsg
  errordescription errordetail statusmsg statusmessage taskstatusmsg statusreason statusdetail description reason
  reasons raimediafilteredreasons blockreason blockedreason rejectreason rejectionreason moderationreason finishreason
  lasterror title hint info note remark exception desc stateMessage`
    .toLowerCase()
    .split(/\s+/),
)
const paramKeys = new Set(['param', 'field', 'loc'])
const nestedKeys = new Set(
  `error errors err data detail details response resp baseresp result results output task job video status metadata
  moderation moderationresult promptfeedback safety failure generatevideoresponse body inner innererror cause causes`.split(
    /\s+/,
  ),
)
/** Fields that vendors only set for a refusal, whatever their value. */
const refusalKeys = new Set([
  'raimediafilteredreasons',
  'raimediafilteredcount',
  'moderationblocked',
  'nsfwdetected',
])

/**
 * Reads an error body: `{error: {code, message, param}}`, FastAPI's `{detail}`, `{code, msg}`, a plain string, JSON
 * quoted in a sentence. `echoes` are texts of the caller that the vendor may repeat. They are removed, so that a prompt
 * cannot be mistaken for a verdict, or leak through a message.
 */
export function readVendorError(answer: Answer, echoes: readonly string[] = []): VendorError {
  const { status, headers, body } = answer
  if (isHtml(headers['content-type'], body))
    return { status, codes: [], message: '', param: null, shape: 'html', words: null }
  const value = parseJson(body)
  if (value === undefined) {
    const text = body.trim()
    return { ...interpret(status, text, echoes), shape: text === '' ? 'empty' : 'text' }
  }
  return { ...interpret(status, value, echoes), shape: 'json' }
}

/** The same for an error inside a response, such as the `error` of a failed job, of any type. */
export function readErrorValue(value: unknown): VendorError {
  return { ...interpret(200, value, []), shape: 'json' }
}

function interpret(outer: number, value: unknown, echoes: readonly string[]): Omit<VendorError, 'shape'> {
  const found: Found = { codes: [], messages: [], param: null }
  collect(value, found, 0)
  const sentences = [...new Set(found.messages)].map((sentence) => withoutEchoes(sentence, echoes))
  const message = sentences.join(' · ')
  const isQuoting = outer < 300 || outer === 500 || outer === 502
  const status = isQuoting ? (quotedStatus(found.codes, message) ?? outer) : outer
  const words = wordVerdict(found.codes, sentences)
  return { status, codes: found.codes, message, param: found.param, words }
}

function collect(value: unknown, found: Found, depth: number): void {
  if (typeof value === 'string' && value.trim() !== '') {
    found.messages.push(value.trim())
    collectQuoted(value, found, depth)
  }
  if (typeof value !== 'object' || value === null || depth > 5) return
  const entries: [string, unknown][] = Object.entries(value).slice(0, 60)
  for (const [key, inner] of entries) {
    const name = nameOf(key)
    if ((refusalKeys.has(name) && isTold(inner)) || (name === 'respectmoderation' && inner === false))
      found.codes.push('content_moderation')
    if (codeKeys.has(name) && isCode(inner)) found.codes.push(String(inner).toLowerCase())
    else if (paramKeys.has(name)) found.param ??= paramOf(inner)
    else if (messageKeys.has(name) || (nestedKeys.has(name) && isInside(name, inner)) || Array.isArray(value))
      collect(inner, found, depth + 1)
  }
}

/** A code is a single word. A sentence under such a key is a reason. */
function isCode(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && !/\s/.test(value.trim()))
}

/** Status words and URLs are not complaints. Objects, and fields named like an error, are searched. */
function isInside(name: string, value: unknown): boolean {
  if (typeof value !== 'string') return true
  return /^(err|error|errors|detail|details|moderation|failure|cause)$/.test(name) || /^\s*[{[]/.test(value)
}

function isTold(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return (
    value === true || (typeof value === 'number' && value > 0) || (typeof value === 'string' && value !== '')
  )
}

/** `API request failed: 400 - {"error": {…}}` (docs/vendors/failure-modes.md#error-inside-a-stream). */
function collectQuoted(text: string, found: Found, depth: number): void {
  const start = text.indexOf('{')
  if (start < 0 || depth > 4) return
  const quoted = parseJson(text.slice(start, text.lastIndexOf('}') + 1))
  if (quoted !== undefined) collect(quoted, found, depth + 1)
}

/** `seconds`, `["body", "seconds"]` and `input_reference[image_url]` are all names of fields. */
function paramOf(value: unknown): string | null {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' && last !== ''
    ? last.toLowerCase().replace(/^(body|query|form)\./, '')
    : null
}

function quotedStatus(codes: readonly string[], message: string): number | null {
  const code = codes.find((each) => /^[45]\d\d$/.test(each))
  if (code !== undefined) return Number(code)
  const quoted = /\b(?:status(?: code)?|returned|answered|failed|HTTP)[ :=]{1,2}([45]\d\d)\b/i.exec(message)
  return quoted?.[1] === undefined ? null : Number(quoted[1])
}
