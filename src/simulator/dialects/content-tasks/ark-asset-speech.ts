import { hex } from '../../ids.ts'
import { jsonReply } from '../../jobs/speech.ts'
import type { Speech } from '../../jobs/speech.ts'
import type { VendorErrorKind } from '../../jobs/vendor-error.ts'

/** What every answer of the control plane begins with. */
export function responseMetadata(action: string) {
  return {
    RequestId: hex(16),
    Action: action,
    Version: '2024-01-01',
    Service: 'ark',
    Region: 'ap-southeast-1',
  }
}

/** `{ResponseMetadata: {Error: {Code, Message}}}` (docs/vendors/video-apis.md#volcengine-signatures). */
export function assetSpeech(usual: Speech): Speech {
  return {
    ...usual,
    say({ kind, status, code, message }) {
      const [ownStatus, ownCode] = plain[kind] ?? [Math.max(400, status), code ?? codeOf(status)]
      const error = { Code: ownCode, Message: message }
      return jsonReply(ownStatus, { ResponseMetadata: { ...responseMetadata(''), Error: error } })
    },
    withoutId: { ResponseMetadata: responseMetadata(''), Result: {} },
  }
}

const plain: Partial<Record<VendorErrorKind, [status: number, code: string]>> = {
  unauthorized: [401, 'InvalidAccessKey'],
  unverified: [403, 'SubscriptionRequired'],
  billing: [403, 'SubscriptionRequired'],
  rate_limited: [429, 'FlowLimitExceeded'],
  busy: [429, 'FlowLimitExceeded'],
  overloaded: [429, 'ServerOverloaded'],
  job_unknown: [404, 'NotFound.Asset'],
}

const codeOf = (status: number) => (status >= 500 ? 'InternalError' : 'InvalidParameter')
