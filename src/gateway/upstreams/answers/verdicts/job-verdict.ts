import type { JobEnd, JobReport } from '../../../domain/attempts/outcome.ts'
import type { Answer } from '../../transport/exchange.ts'
import type { Refine } from './create-verdict.ts'
import { isOwnLimit } from './own-limits.ts'
import { isProbablyRefused } from '../moderation/probably-refused.ts'
import { pollAfter, retryAfter } from '../../transport/retry-after.ts'
import { readErrorValue, readVendorError } from './vendor-error.ts'
import type { VendorError } from './vendor-error.ts'
import type { WordVerdict } from './vendor-words.ts'

/**
 * The meaning of a poll response that is not a readable job. `not_found` needs the vendor's own statement that it has
 * no such job. A 404 of a route or proxy, or any other error, says nothing about the job: it may be running and paid
 * for. A refusal counts whatever the status.
 */
export function pollVerdict(answer: Answer, receivedAt: number, refine?: Refine): JobReport {
  // Accepted and not yet done, which needs no body (docs/vendors/video-apis.md#xai).
  if (answer.status === 202 && answer.body.trim() === '')
    return {
      type: 'running',
      status: 'accepted',
      progress: null,
      retryAfterMs: pollAfter(answer.headers, receivedAt),
    }
  const error = readVendorError(answer)
  const message = sentence(answer.status, error)
  const refined = refine?.(error)
  const isRefused = error.words === 'refused' || answer.status === 451 || refined === 'refused'
  if (isRefused && answer.status !== 401) return { type: 'refused', message }
  if (isNoSuchJob(answer.status, error)) return { type: 'not_found', message }
  const isSuccess = error.status < 300
  const saysWhy =
    refined === 'rejected' ||
    refined === 'upstream_down' ||
    (error.words !== null && tellsWhy.has(error.words))
  if (isSuccess && !saysWhy) return { type: 'unreadable', message }
  return { type: 'unreachable', message, retryAfterMs: retryAfter(answer.headers, receivedAt) }
}

export type JobFailure = Exclude<JobEnd, { type: 'completed' }>

/** The same report, marked if the response is about this one job. */
export function withJob(report: JobReport, aboutJob: boolean): JobReport {
  const isSilent = report.type === 'unreadable' || report.type === 'unreachable'
  return aboutJob && isSilent ? { ...report, aboutJob } : report
}

const tellsWhy: ReadonlySet<WordVerdict> = new Set(['down', 'gone', 'overloaded'])

/** Uses the outer status: a 404 quoted inside a relay's 5xx may be about anything. */
function isNoSuchJob(status: number, { words, shape, codes }: VendorError): boolean {
  if (words === 'no_such_job') return status < 500
  if (codes.includes('-22')) return true
  return (status === 404 || status === 410) && words === null && shape === 'json'
}

/**
 * Why a job ended without a video, from an `error` of any type. Retryable unless the complaint is about the request
 * itself: `processing_error`, overload and unknown codes may be temporary.
 */
export function jobFailure(error: unknown, fallback: string, refine?: Refine): JobFailure {
  const read = readErrorValue(error)
  const code = read.codes.find((each) => !/^-?\d+$/.test(each))
  const message = [code, read.message].filter((part) => part !== undefined && part !== '').join(': ')
  const refined = refine?.(read) ?? null
  if (read.words === 'refused' || refined === 'refused') return { type: 'refused', message }
  const isExplained =
    refined !== null ||
    read.words !== null ||
    isOwnLimit(read) ||
    technical.test(`${read.codes.join(' ')} ${message}`)
  return {
    type: 'failed',
    message: message === '' ? fallback : message,
    retryable: refined === null ? read.words !== 'invalid' || isOwnLimit(read) : refined !== 'invalid',
    ...(!isExplained && { unexplained: true }),
  }
}

/** The same for a video. An unexplained reason that reads like a refusal is a refusal. */
export function videoFailure(error: unknown, fallback: string, refine?: Refine): JobFailure {
  const failure = jobFailure(error, fallback, refine)
  const isRefusal =
    failure.type === 'failed' && failure.unexplained === true && isProbablyRefused(failure.message)
  return isRefusal ? { type: 'refused', message: failure.message } : failure
}

/** Words of technical failures. Any other reason, or none, may hide a verdict on the request. */
const technical =
  /time[ds]?[- _]?out|memory|internal|server|gpu|cuda|crash|connect|network|load|render|encod|decod|worker|node|stor(e|age)|capacity|unavailable|busy|retry|exception|system|process(or|es|ing)|expired|cancel|abort|lost|disk|http|50\d|checksum|hash|mismatch|upload|locked|deploy|module|import|transition|shut ?down|\bnan\b|dimension|pixel|fetch|download|read|queue|schedul|infrastructure|upstream|超时|超時|繁忙|系统|系統|服务|服務|网络|網絡/i

function sentence(outer: number, error: VendorError): string {
  if (error.message !== '') return `HTTP ${outer}: ${error.message}`
  return error.shape === 'html' ? `HTTP ${outer} with an HTML page` : `HTTP ${outer}`
}
