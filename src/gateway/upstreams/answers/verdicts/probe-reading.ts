import type { ProbeReading, ProbeStatus } from '../../../domain/steering/probe.ts'
import type { Answer } from '../../transport/exchange.ts'
import { isHtml } from '../json-body.ts'
import { createVerdict } from './create-verdict.ts'
import type { CreateVerdict, VerdictRules } from './create-verdict.ts'
import { readVendorError } from './vendor-error.ts'

export type ProbeRules = Pick<VerdictRules, 'createServerError' | 'refine'>

/** What a response to a call that costs nothing means, if it is not the expected one. Read like the response to a create. */
export function probeFailure(answer: Answer & { receivedAt: number }, rules: ProbeRules): ProbeReading {
  const verdict = createVerdict(answer, { ...rules, echoes: [], receivedAt: answer.receivedAt })
  return { status: statusOf(answer, verdict), message: verdict.message }
}

function statusOf(answer: Answer, verdict: CreateVerdict): ProbeStatus {
  const { status, words } = readVendorError(answer)
  const isAccount = words === 'down' || [401, 402, 403].includes(status)
  if (verdict.type === 'upstream_down' && verdict.modelGone !== true && isAccount) return 'account_rejected'
  if (lacksEndpoint(answer)) return 'unsupported'
  if (verdict.type === 'rejected') return 'busy'
  return 'unreadable'
}

/** A server without the endpoint answers 404, 405, 501 or a web page. */
function lacksEndpoint({ status, headers, body }: Answer): boolean {
  return [404, 405, 501].includes(status) || (status < 300 && isHtml(headers['content-type'], body))
}
