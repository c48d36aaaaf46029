import { hex } from '../../ids.ts'
import { htmlReply, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'

/** The codes of refusals. Google sends sentences alone (docs/vendors/video-apis.md#veo). */
export const filtered = { atCreate: 'rai_prompt', late: 'rai_video' }

/** `{error: {code, message, status}}`, as all of Google's APIs (docs/vendors/video-apis.md#veo). */
export function googleSpeech(newJobId: Speech['newJobId']): Speech {
  return {
    say(error) {
      // A path that it does not serve leads to a page.
      if (error.kind === 'url_unknown') return htmlReply(404)
      const [status, word, message] = inWords(error)
      return jsonReply(status, { error: { code: status, message, status: word } })
    },
    refusal: filtered,
    withoutId: {},
    newJobId,
    isAuthorized: (headers, apiKey) => headers['x-goog-api-key'] === apiKey,
  }
}

/** The name of an operation of a model. */
export const operationName = (model: string) => `models/${model}/operations/${hex(6)}`

export const interactionId = () => `v1_${hex(16)}`

const plain: Partial<Record<VendorErrorKind, [status: number, word: string, message: string]>> = {
  // A wrong key is a wrong argument.
  unauthorized: [400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'],
  unverified: [403, 'PERMISSION_DENIED', 'Your project has been denied access. Please contact support.'],
  billing: [
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  rate_limited: [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  busy: [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  overloaded: [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  job_unknown: [404, 'NOT_FOUND', 'Requested entity was not found.'],
}

const words: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

function inWords({ kind, status, message }: VendorError): [status: number, word: string, message: string] {
  const own = plain[kind]
  if (own !== undefined) return own
  const said =
    kind === 'model_gone'
      ? 'models/gone is not found for API version v1beta, or is not supported for predictLongRunning.'
      : message
  const as = Math.max(400, status)
  return [as, words[as] ?? 'UNKNOWN', said]
}
