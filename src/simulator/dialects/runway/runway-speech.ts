import { randomUUID } from 'node:crypto'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'

/** `{error}` with a sentence, and nothing else (docs/vendors/video-apis.md#runway). */
export function runwaySpeech(): Speech {
  return {
    say(error) {
      const { status, message } = inWords(error)
      return jsonReply(status, { error: message })
    },
    refusal: { atCreate: 'SAFETY.INPUT.TEXT', late: 'SAFETY.OUTPUT.VIDEO' },
    withoutId: {},
    newJobId: () => randomUUID(),
    isAuthorized: hasBearer,
  }
}

const plain: Partial<Record<VendorErrorKind, [status: number, message: string]>> = {
  unauthorized: [401, 'The API key provided is not valid.'],
  billing: [400, 'You do not have enough credits to run this task.'],
  rate_limited: [429, 'You have exceeded your rate limit. Too many requests.'],
  busy: [429, 'Too many running tasks.'],
  overloaded: [503, 'The API is overloaded. Please retry later.'],
  model_gone: [403, 'Model variant gen4.5 is not available.'],
  paused: [403, 'Model variant gen4.5 is not available.'],
  job_unknown: [404, 'Task not found'],
  refused: [400, 'The prompt was rejected by content moderation.'],
}

function inWords({ kind, status, message, param }: VendorError) {
  const own = plain[kind]
  if (own !== undefined) return { status: own[0], message: own[1] }
  return {
    status: Math.max(400, status),
    message: kind === 'invalid' ? `Validation of body failed: ${param ?? 'body'}: ${message}` : message,
  }
}
