import { hex } from '../../ids.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'

/** `{error: {code, message, param, type}}` with Ark's codes (docs/vendors/video-apis.md#ark). */
export function arkSpeech(): Speech {
  return {
    say(error) {
      const { status, code, message } = inWords(error)
      const { param } = error
      return jsonReply(status, { error: { code, message, param: param ?? '', type: typeOf(status) } })
    },
    refusal: {
      atCreate: 'InputTextSensitiveContentDetected',
      late: 'OutputVideoSensitiveContentDetected',
    },
    withoutId: {},
    newJobId: () => `cgt-${hex(12)}`,
    isAuthorized: hasBearer,
  }
}

const plain: Partial<Record<VendorErrorKind, [status: number, code: string, message: string]>> = {
  unauthorized: [401, 'AuthenticationError', 'The API key in the request is missing or invalid.'],
  billing: [403, 'AccountOverdueError', 'The request failed because your account has an overdue balance.'],
  rate_limited: [429, 'RateLimitExceeded.EndpointRPMExceeded', 'The requests per minute limit is exceeded.'],
  overloaded: [429, 'ServerOverloaded', 'The service is currently unable to handle additional requests.'],
  model_gone: [404, 'InvalidEndpointOrModel.NotFound', 'The model or endpoint does not exist.'],
  character: [
    400,
    'InvalidParameter',
    'The parameter `content[1].video_url.url` specified in the request is not valid: The specified asset is not found.',
  ],
  job_unknown: [404, 'ResourceNotFound', 'The specified task is not found.'],
}

function inWords({ kind, status, code, message, param }: VendorError) {
  const own = plain[kind]
  if (own !== undefined) return { status: own[0], code: own[1], message: own[2] }
  if (kind === 'invalid')
    return {
      status: Math.max(400, status),
      code: 'InvalidParameter',
      message: `The parameter \`${param === 'prompt' ? 'content.text' : (param ?? 'body')}\` specified in the request is not valid: ${message}`,
    }
  const usual = kind === 'server' ? 'InternalServiceError' : 'InvalidParameter'
  return { status: Math.max(400, status), code: code ?? usual, message }
}

function typeOf(status: number): string {
  if (status >= 500) return 'InternalServerError'
  const types: Record<number, string> = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound' }
  return status === 429 ? 'TooManyRequests' : (types[status] ?? 'BadRequest')
}
