import { randomInt } from 'node:crypto'
import { jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'

/** The code of a refusal (docs/vendors/video-apis.md#pixverse). */
export const moderated = '500063'

/** `{ErrCode, ErrMsg, Resp}`, mostly inside an HTTP 200 (docs/vendors/video-apis.md#pixverse). */
export function pixverseSpeech({ errorsIn200 = true }: SimulatedUpstream): Speech {
  return {
    say(error) {
      const [code, message] = inWords(error)
      const isOutside = error.kind === 'url_unknown' || !errorsIn200
      const status = isOutside ? Math.max(400, error.status) : 200
      return jsonReply(status, { ErrCode: code, ErrMsg: message, Resp: null })
    },
    refusal: { atCreate: moderated, late: moderated },
    withoutId: { ErrCode: 0, ErrMsg: 'success', Resp: {} },
    newJobId: () => String(randomInt(3e14, 4e14 - 1) % 2 ** 47),
    isAuthorized: (headers, apiKey) => headers['api-key'] === apiKey,
  }
}

const plain: Partial<Record<VendorErrorKind, [code: number, message: string]>> = {
  unauthorized: [10005, 'API key is invalid.'],
  unverified: [500020, 'User does not have permission for this operation'],
  billing: [500090, 'Insufficient balance. Unable to generate video. Please top up your credits.'],
  rate_limited: [500044, 'Reached the limit for concurrent generations.'],
  busy: [500044, 'Reached the limit for concurrent generations.'],
  overloaded: [500069, 'The system is currently experiencing high load. Please try again later.'],
  job_unknown: [500008, 'Requested data not found'],
  refused: [500063, 'The text content failed moderation.'],
}

function inWords({ kind, message }: VendorError): [code: number, message: string] {
  const own = plain[kind]
  if (own !== undefined) return own
  return [kind === 'invalid' || kind === 'unfetchable' ? 400_017 : 99_999, message]
}
