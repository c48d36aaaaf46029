import { hex } from '../../ids.ts'
import type { JobFailure } from '../../jobs/job.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'

/**
 * `{type: 'error', error: {type, message, http_code}}`, with the code in brackets after the message
 * (docs/vendors/video-apis.md#minimax).
 */
export function minimaxSpeech(): Speech {
  return {
    say(error) {
      const { status, type, message } = inWords(error)
      return jsonReply(status, {
        type: 'error',
        error: { type, message, http_code: String(status) },
        request_id: hex(16),
      })
    },
    refusal: { atCreate: 'input_sensitive', late: 'output_sensitive' },
    withoutId: { task_id: '', base_resp: { status_code: 0, status_msg: 'success' } },
    newJobId: () => hex(9),
    isAuthorized: hasBearer,
  }
}

const plain: Partial<Record<VendorErrorKind, [status: number, type: string, message: string]>> = {
  unauthorized: [401, 'authorized_error', 'login fail: check the API secret key (1004)'],
  billing: [402, 'insufficient_balance_error', 'insufficient balance (1008)'],
  rate_limited: [429, 'rate_limit_error', 'rate limit exceeded (1002)'],
  busy: [429, 'rate_limit_error', 'too many concurrent requests (1002)'],
  job_unknown: [404, 'not_found_error', 'task not found (2013)'],
}

function inWords({ kind, status, message }: VendorError) {
  const own = plain[kind]
  if (own !== undefined) return { status: own[0], type: own[1], message: own[2] }
  const as = Math.max(400, status)
  if (kind === 'refused')
    return { status: as, type: 'unprocessable_entity_error', message: `${message} (1026)` }
  if (kind === 'invalid' || kind === 'unfetchable')
    return { status: as, type: 'bad_request_error', message: `invalid params, ${message} (2013)` }
  return { status: as, type: as >= 500 ? 'server_error' : 'bad_request_error', message }
}

/** Codes of a task: 1027 is a refused video, 1000 any other failure. */
export function taskError({ code, message }: JobFailure): { code: number; message: string } {
  return { code: code === 'output_sensitive' ? 1027 : 1000, message }
}
