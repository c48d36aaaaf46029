import { uuid } from '../../ids.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'

/** `{code, message, request_id}`, mostly inside an HTTP 200 (docs/vendors/video-apis.md#dashscope). */
export function dashscopeSpeech({ errorsIn200 = true }: SimulatedUpstream): Speech {
  return {
    say(error) {
      if (error.kind === 'job_unknown')
        return jsonReply(200, { request_id: uuid(), output: { task_status: 'UNKNOWN' } })
      const { status, code, message } = inWords(error)
      const isOutside = error.kind === 'url_unknown' || !errorsIn200
      return jsonReply(isOutside ? status : 200, { code, message, request_id: uuid() })
    },
    refusal: { atCreate: 'DataInspectionFailed', late: 'DataInspectionFailed' },
    withoutId: { request_id: uuid(), output: {} },
    newJobId: uuid,
    isAuthorized: hasBearer,
  }
}

const plain: Partial<Record<VendorErrorKind, [status: number, code: string, message: string]>> = {
  unauthorized: [401, 'InvalidApiKey', 'Invalid API-key provided.'],
  unverified: [403, 'AccessDenied.Unpurchased', 'Access to model denied.'],
  billing: [400, 'Arrearage', 'Access denied, please make sure your account is in good standing.'],
  rate_limited: [429, 'Throttling.RateQuota', 'Requests rate limit exceeded, please try again later.'],
  busy: [429, 'Throttling.AllocationQuota', 'Too many running tasks, please try again later.'],
  overloaded: [429, 'Throttling.BurstRate', 'Too many requests in a short time, please try again later.'],
  model_gone: [404, 'ModelNotFound', 'Model can not be found.'],
}

function inWords({ kind, status, code, message }: VendorError) {
  const own = plain[kind]
  if (own !== undefined) return { status: own[0], code: own[1], message: own[2] }
  const named = kind === 'invalid' || kind === 'unfetchable' ? 'InvalidParameter' : code
  return { status: Math.max(400, status), code: named ?? usual[kind] ?? 'InvalidParameter', message }
}

const usual: Partial<Record<VendorErrorKind, string>> = {
  server: 'InternalError',
  paused: 'ModelServingError',
  no_channel: 'ModelServingError',
  url_unknown: 'NotFound',
}
