import { hex } from '../../ids.ts'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorError, VendorErrorKind } from '../../jobs/vendor-error.ts'

/** `{error: {code, message, metadata}}`, where the code is the HTTP status (docs/vendors/video-apis.md#openrouter). */
export function openrouterSpeech(): Speech {
  return {
    say(error) {
      const { status, message } = inWords(error)
      return jsonReply(status, { error: { code: status, message, ...metadataOf(error) } })
    },
    refusal: { atCreate: 'content_policy_violation', late: 'content_policy_violation' },
    withoutId: { status: 'pending' },
    newJobId: () => `gen-vid-${Math.floor(Date.now() / 1000)}-${hex(10)}`,
    isAuthorized: hasBearer,
  }
}

/** Its own messages, where they are known. */
const plain: Partial<Record<VendorErrorKind, [status: number, message: string]>> = {
  unauthorized: [401, 'User not found.'],
  billing: [402, 'Insufficient credits. Add more using https://openrouter.ai/settings/credits'],
  rate_limited: [429, 'Rate limit exceeded'],
  model_gone: [404, 'No endpoints found for this model.'],
  job_unknown: [404, 'Video job not found'],
  url_unknown: [404, 'Not Found'],
}

function inWords({ kind, status, message }: VendorError): { status: number; message: string } {
  const [as, words] = plain[kind] ?? [Math.max(400, status), message]
  return { status: as, message: words }
}

/** A refusal lists its reasons; `raw` holds the provider's own message. */
function metadataOf({ kind, code, message }: VendorError): object {
  if (kind === 'refused') return { metadata: { reasons: [code], flagged_input: message } }
  if (kind === 'character' || kind === 'overloaded')
    return { metadata: { provider_name: 'Simulated', raw: JSON.stringify({ code, message }) } }
  return {}
}
