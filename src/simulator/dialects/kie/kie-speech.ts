import { hex } from '../../ids.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError } from '../../jobs/vendor-error.ts'

/**
 * kie's envelope and business codes, mostly in an HTTP 200 (docs/vendors/job-apis.md#kie). The sentences are kie's own
 * where its pages quote them; the one for overload is that of the official API, in kie's envelope.
 */
export function kieSpeech({ errorsIn200 = true }: SimulatedUpstream): Speech {
  return {
    say(error) {
      const { code, msg } = businessError(error)
      const isOutside = error.kind === 'url_unknown' || !errorsIn200
      return jsonReply(isOutside ? Math.max(400, code) : 200, { code, msg, data: null })
    },
    refusal: { atCreate: 'content_policy_violation', late: 'content_policy_violation' },
    withoutId: { code: 200, msg: 'success', data: null },
    newJobId: () => hex(16),
    isAuthorized: hasBearer,
  }
}

function businessError(error: VendorError): { code: number; msg: string } {
  const { kind, status, message, param } = error
  switch (kind) {
    case 'unauthorized':
    case 'unverified':
      return { code: 401, msg: 'You do not have access permissions' }
    case 'billing':
      return { code: 402, msg: 'The current credits are insufficient. Please top up.' }
    case 'job_unknown':
      return { code: 422, msg: 'recordInfo is null' }
    case 'rate_limited':
    case 'busy':
      return { code: 429, msg: 'Rate Limited - Request limit has been exceeded for this resource' }
    case 'overloaded':
      return { code: 429, msg: 'We are currently under heavy load. Please try again later.' }
    case 'model_gone':
      return { code: 422, msg: unknownModel }
    case 'paused':
    case 'no_channel':
      return { code: 500, msg: message }
    case 'url_unknown':
      return { code: 404, msg: 'Not Found' }
    case 'invalid':
      if (param === 'model') return { code: 422, msg: unknownModel }
      return { code: status >= 500 ? status : 422, msg: message }
    case 'refused':
    case 'character':
    case 'unfetchable':
    case 'not_ready':
    case 'expired':
    case 'server':
      return { code: status < 400 ? 500 : status, msg: message }
  }
}

/**
 * An unknown model, a missing field and a paused model have different messages, so a client can probe for free
 * (docs/vendors/job-apis.md#kie).
 */
const unknownModel =
  'The model name you specified is not supported. Please verify that the correct model name is being used.'
