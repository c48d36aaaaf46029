import { randomUUID } from 'node:crypto'
import { hasBearer, jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorErrorKind } from '../../jobs/vendor-error.ts'

/** The code of a refusal (docs/vendors/video-apis.md#luma). */
export const moderated = 'content_moderated'

/** `{detail, code}`; what the API really writes is not documented (docs/vendors/video-apis.md#luma). */
export function lumaSpeech(): Speech {
  return {
    say({ kind, status, code, message }) {
      const [as, detail] = plain[kind] ?? [Math.max(400, status), message]
      return jsonReply(as, { detail, ...(code !== null && { code: codes[kind] ?? code }) })
    },
    refusal: { atCreate: moderated, late: moderated },
    withoutId: {},
    newJobId: () => randomUUID(),
    isAuthorized: hasBearer,
  }
}

const codes: Partial<Record<VendorErrorKind, string>> = {
  billing: 'budget_exhausted',
  rate_limited: 'rate_limited',
}

const plain: Partial<Record<VendorErrorKind, [status: number, detail: string]>> = {
  unauthorized: [401, 'Invalid API key'],
  billing: [402, 'Insufficient credits: the budget is exhausted'],
  rate_limited: [429, 'Rate limit exceeded'],
  job_unknown: [404, 'Generation not found'],
}
