import { randomInt } from 'node:crypto'
import { hex } from '../../ids.ts'
import { jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'

/** `{code, reason, message, metadata}`, where the code is the HTTP status (docs/vendors/video-apis.md#vidu). */
export function viduSpeech(): Speech {
  return {
    say(error) {
      const { status, reason, message } = inWords(error)
      return jsonReply(status, { code: status, reason, message, metadata: { trace_id: hex(16) } })
    },
    refusal: { atCreate: 'TaskPromptPolicyViolation', late: 'CreationPolicyViolation' },
    withoutId: { state: 'created' },
    newJobId: () => `91${randomInt(1e12, 1e13)}`,
    isAuthorized: (headers, apiKey) => headers.authorization === `Token ${apiKey}`,
  }
}

const plain: Partial<Record<VendorErrorKind, [status: number, reason: string, message: string]>> = {
  unauthorized: [401, 'Unauthorized', 'unauthorized'],
  billing: [400, 'CreditInsufficient', 'credit insufficient'],
  rate_limited: [429, 'TooManyRequests', 'too many requests'],
  busy: [429, 'QuotaExceeded', 'quota exceeded: running tasks'],
  overloaded: [429, 'SystemThrottling', 'system throttling'],
  model_gone: [400, 'ModelUnavailable', 'model unavailable'],
  job_unknown: [404, 'TaskNotFound', 'task not found'],
  character: [400, 'FieldInvalid', 'subject not found'],
  unfetchable: [400, 'ImageDownloadFailure', 'image download failure'],
}

function inWords({ kind, status, code, message }: VendorError) {
  const own = plain[kind]
  if (own !== undefined) return { status: own[0], reason: own[1], message: own[2] }
  const usual = kind === 'server' ? 'InternalServiceFailure' : 'BadRequest'
  return {
    status: Math.max(400, status),
    reason: kind === 'invalid' ? 'FieldInvalid' : (code ?? usual),
    message,
  }
}
