import { hex } from '../../ids.ts'
import type { SimulatedUpstream } from '../../simulated-upstream.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorErrorKind, VendorError } from '../../jobs/vendor-error.ts'

/** `{code, message}`, where the code is the HTTP status or one of WaveSpeed's own (docs/vendors/job-apis.md#wavespeed). */
export function wavespeedSpeech({ errorsIn200 = false }: SimulatedUpstream): Speech {
  return {
    say(error) {
      const { status, code, message } = businessError(error)
      const isInside = errorsIn200 && error.kind !== 'url_unknown'
      return jsonReply(isInside ? 200 : status, { code, message, data: null })
    },
    refusal: { atCreate: 'content_policy_violation', late: 'content_policy_violation' },
    withoutId: { code: 200, message: 'success', data: {} },
    newJobId: () => hex(16),
    isAuthorized: hasBearer,
  }
}

/**
 * Its own messages where they are known, or where the sentence of docs/vendors/openai-videos.md#error-catalogue would
 * not fit.
 */
const plain: Partial<Record<VendorErrorKind, [status: number, message: string]>> = {
  unauthorized: [401, 'invalid authentication'],
  billing: [402, 'Insufficient credits. Please top up.'],
  rate_limited: [429, 'Too many requests'],
  busy: [429, 'Too many requests'],
  overloaded: [429, 'The service is at capacity, please retry later'],
  model_gone: [404, 'model not found'],
  job_unknown: [404, 'task not found'],
  url_unknown: [404, 'Not Found'],
}

function businessError(error: VendorError): { status: number; code: number; message: string } {
  const { kind, message } = error
  const status = Math.max(400, error.status)
  if (kind === 'refused') return { status, code: 1200, message }
  if (kind === 'unfetchable')
    return { status, code: 1402, message: `The media URL cannot be reached: ${message}` }
  const [as, words] = plain[kind] ?? [status, message]
  return { status: as, code: as, message: words }
}
