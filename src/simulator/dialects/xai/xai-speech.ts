import { randomUUID } from 'node:crypto'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'

/** The code of a refusal (docs/vendors/video-apis.md#xai). */
export const moderated = 'imagine:content-moderated'

/** `{code, error}`, where the error is text. */
export function xaiSpeech(): Speech {
  return {
    say: ({ kind, status, code, message }) =>
      jsonReply(Math.max(400, status), { code: code ?? kind, error: message }),
    refusal: { atCreate: moderated, late: moderated },
    withoutId: {},
    newJobId: () => randomUUID(),
    isAuthorized: hasBearer,
  }
}
