import { hex } from '../../ids.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'

/** `{title, detail, status}`, where the status is that of HTTP (docs/vendors/video-apis.md#replicate). */
export function replicateSpeech(): Speech {
  return {
    say(error) {
      const [status, title, detail] = inWords(error)
      const invalid = error.kind === 'invalid' && { invalid_fields: [fieldOf(error)] }
      return jsonReply(status, { title, detail, status, ...invalid })
    },
    refusal: { atCreate: 'flagged', late: 'E005' },
    withoutId: {},
    newJobId: () => hex(13),
    isAuthorized: hasBearer,
  }
}

const plain: Partial<Record<VendorErrorKind, [status: number, title: string, detail: string]>> = {
  unauthorized: [401, 'Unauthenticated', 'You did not pass a valid authentication token'],
  billing: [
    402,
    'Insufficient credit',
    'You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit.',
  ],
  rate_limited: [429, 'Too many requests', 'Request was throttled. Your rate limit resets in ~2s.'],
  busy: [429, 'Too many requests', 'Request was throttled. Your rate limit resets in ~2s.'],
  overloaded: [429, 'Too many requests', 'Request was throttled. The service is overloaded.'],
  model_gone: [404, 'Not found', 'The requested resource could not be found: the model does not exist.'],
  job_unknown: [404, 'Not found', 'The requested resource could not be found.'],
  url_unknown: [404, 'Not found', 'Invalid URL (no such endpoint)'],
}

function inWords({ kind, status, message }: VendorError): [status: number, title: string, detail: string] {
  const own = plain[kind]
  if (own !== undefined) return own
  if (kind === 'invalid') return [422, 'Input validation failed', `- input: ${message}\n`]
  return [Math.max(400, status), 'Error', message]
}

function fieldOf({ param, message }: VendorError) {
  return { type: 'invalid', field: `input.${param ?? ''}`, description: message }
}
