import { randomInt, randomUUID } from 'node:crypto'
import { holdsToken } from '../../credentials/signed-token.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'

/** `{code, message, request_id}` with Kling's numbers (docs/vendors/video-apis.md#kling). */
export function klingSpeech({ keyPair }: SimulatedUpstream): Speech {
  return {
    say(error) {
      const { status, code, message } = inWords(error)
      return jsonReply(status, { code, message, request_id: randomUUID() })
    },
    refusal: { atCreate: '1301', late: '1301' },
    withoutId: { code: 0, message: 'SUCCEED', request_id: randomUUID(), data: {} },
    newJobId: () => longId(),
    isAuthorized(headers, apiKey, at) {
      const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
      return hasBearer(headers, apiKey) || (keyPair !== undefined && holdsToken(token, keyPair, at))
    },
  }
}

/** 18 digits, which a JavaScript number does not hold. */
export function longId(): string {
  return `8${randomInt(1e8, 1e9)}${randomInt(1e7, 1e8)}`
}

const plain: Partial<Record<VendorErrorKind, [status: number, code: number, message: string]>> = {
  unauthorized: [401, 1002, 'Authorization is invalid'],
  billing: [429, 1102, 'Account balance not enough'],
  rate_limited: [429, 1302, 'The API request is too fast, exceeding the platform rate limit'],
  busy: [429, 1303, 'parallel task over resource pack limit'],
  overloaded: [429, 1303, 'parallel task over resource pack limit'],
  model_gone: [404, 1203, 'The requested resource does not exist: model is not supported'],
  paused: [404, 1203, 'The requested resource does not exist: model is not available'],
  job_unknown: [404, 1203, 'Task not found'],
  character: [400, 1201, 'element_list[0].element_id is invalid: the element does not exist'],
  unfetchable: [400, 1201, 'File is not in a valid format or cannot be downloaded'],
  refused: [
    400,
    1301,
    'Failure to pass the risk control system: the content triggers the content security policy',
  ],
}

function inWords({ kind, status, message, param }: VendorError) {
  const own = plain[kind]
  if (own !== undefined) return { status: own[0], code: own[1], message: own[2] }
  if (status >= 500) return { status, code: status === 504 ? 5002 : 5000, message }
  return {
    status: Math.max(400, status),
    code: 1201,
    message: param === null ? message : `${param} is invalid: ${message}`,
  }
}
