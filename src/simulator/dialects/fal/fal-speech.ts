import { uuid } from '../../ids.ts'
import { jsonReply } from '../../jobs/speech.ts'
import type { Reply, Speech } from '../../jobs/speech.ts'
import type { JobFailure } from '../../jobs/job.ts'
import type { VendorError } from '../../jobs/vendor-error.ts'

/**
 * fal has two forms of errors: a list of typed objects about the input, and a sentence with an `error_type` about the
 * request (fal.ai/docs, model errors and request errors; `error`/`error_type` of docs/vendors/job-apis.md#fal).
 */
export const falSpeech: Speech = {
  say(error) {
    const { kind, status, message } = error
    switch (kind) {
      case 'refused':
      case 'invalid':
      case 'character':
      case 'unfetchable':
        return inputError(error)
      case 'unauthorized':
        return jsonReply(401, { detail: 'Cannot access application. Authentication is required.' })
      case 'billing':
        return jsonReply(403, { detail: 'User is locked. Reason: Exhausted balance. insufficient_credits' })
      case 'model_gone':
      case 'url_unknown':
        return jsonReply(404, { detail: `Application not found. ${message}` })
      case 'job_unknown':
        return jsonReply(404, { detail: 'Request not found', error_type: 'request_not_found' })
      case 'rate_limited':
      case 'busy':
        return requestError(429, 'rate_limited', 'Too many concurrent requests.')
      case 'overloaded':
        return requestError(503, 'runner_scheduling_failure', 'No runner could be allocated: at capacity.')
      case 'no_channel':
      case 'paused':
      case 'server':
        return requestError(status, 'internal_error', message)
      case 'unverified':
      case 'not_ready':
      case 'expired':
        return jsonReply(status, { detail: message })
    }
  },
  refusal: { atCreate: 'content_policy_violation', late: 'content_policy_violation' },
  withoutId: { status: 'IN_QUEUE', queue_position: 0 },
  newJobId: uuid,
  isAuthorized: (headers, apiKey) => headers.authorization === `Key ${apiKey}`,
}

function requestError(status: number, type: string, detail: string): Reply {
  return jsonReply(status, { detail, error_type: type }, { 'x-fal-error-type': type })
}

/** 422 with the location in the body, for everything about the request. */
function inputError({ kind, status, code, param, message }: VendorError): Reply {
  const types = { refused: 'content_policy_violation', unfetchable: 'file_download_error' }
  const known: string | undefined = kind === 'refused' || kind === 'unfetchable' ? types[kind] : undefined
  const type = kind === 'character' ? code : (known ?? 'value_error')
  const loc = param === null ? ['body'] : ['body', param]
  const url = `https://docs.fal.ai/errors#${type}`
  return jsonReply(status === 400 ? 422 : status, { detail: [{ loc, msg: message, type, url }] })
}

/** The response of the second call for a failed request. */
export function resultOfFailure({ code, message }: JobFailure): Reply {
  if (code === 'content_policy_violation')
    return jsonReply(422, {
      detail: [
        { loc: ['body', 'prompt'], msg: message, type: code, url: `https://docs.fal.ai/errors#${code}` },
      ],
    })
  return requestError(500, 'internal_error', message)
}
