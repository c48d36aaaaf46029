import { invalidRequest } from '../jobs/vendor-error.ts'
import type { VendorErrorKind, VendorError } from '../jobs/vendor-error.ts'

/**
 * Errors common to all vendors, with the messages of docs/vendors/openai-videos.md#error-catalogue. Some dialects word
 * them differently.
 */

function vendorError(
  kind: VendorErrorKind,
  status: number,
  message: string,
  rest: Partial<VendorError> = {},
): VendorError {
  return { kind, status, type: 'invalid_request_error', code: null, param: null, message, ...rest }
}

export const wrongKey = vendorError('unauthorized', 401, 'Incorrect API key provided.', {
  code: 'invalid_api_key',
})

/** The account's organization has to be verified first (docs/vendors/failure-modes.md#organization-not-verified). */
export const unverified = vendorError(
  'unverified',
  403,
  'Your organization must be verified to use this model. Access may take up to 15 minutes.',
)

/** A 429 about concurrency, not about requests per minute (docs/vendors/openai-videos.md#error-catalogue, Azure). */
export const tooManyRunning = vendorError('busy', 429, 'Too many running tasks.', {
  type: 'video_generation_user_error',
})

export const rateLimited = vendorError('rate_limited', 429, 'Rate limit reached for requests.', {
  type: 'rate_limit_error',
  code: 'rate_limit_exceeded',
})

/** new-api's sentences for overload, as seen at resellers (docs/vendors/failure-modes.md#overload). */
const overloadWords = {
  bare: '当前分组上游负载已饱和，请稍后再试',
  request_id: '当前分组上游负载已饱和，请稍后再试 (request id: 20261122101530123456789AbCdEfGh)',
  upgrade: '当前分组负载已饱和，请稍后再试，或升级账户以获得更高的优先级',
}

export function overloaded(words: keyof typeof overloadWords, code: string): VendorError {
  return vendorError('overloaded', 429, overloadWords[words], { type: 'server_error', code })
}

export const unavailable = vendorError('server', 503, 'Service unavailable.', { type: 'server_error' })

export function serverError(status: number): VendorError {
  const message = 'The server had an error while processing your request.'
  return vendorError('server', status, message, { type: 'server_error' })
}

/** An error sent as a 200 instead of the expected content (docs/vendors/failure-modes.md#error-as-a-video). */
export const unreadableVideo = vendorError('server', 200, 'The video could not be read.', {
  type: 'server_error',
})

export function billingError(
  code: 'insufficient_quota' | 'billing_hard_limit_reached' | 'insufficient_credits',
): VendorError {
  if (code === 'insufficient_quota')
    return vendorError('billing', 429, 'You exceeded your current quota.', { type: code, code })
  if (code === 'billing_hard_limit_reached')
    return vendorError('billing', 400, 'Billing hard limit has been reached', {
      type: 'billing_limit_user_error',
      code,
    })
  return vendorError('billing', 402, 'Insufficient credits.', { code })
}

export const modelUnknown = vendorError('model_gone', 404, 'The model does not exist.', {
  code: 'model_not_found',
  param: 'model',
})

/** An Azure deployment that was deleted, or is not ready yet (docs/vendors/openai-videos.md#error-catalogue). */
export const deploymentUnknown = vendorError(
  'model_gone',
  404,
  "The API deployment 'sora-2' does not exist.",
  {
    type: 'video_generation_user_error',
  },
)

/** A relay's message when the vendor behind it has removed the model (docs/vendors/resellers.md#state-of-the-market). */
export const modelUnknownBehind = vendorError(
  'model_gone',
  500,
  'status code 404: models/sora-2 is no longer available.',
  { type: 'server_error', code: 'fail_to_fetch_task' },
)

/** A model that is paused or removed (docs/vendors/failure-modes.md#model-unavailable). */
export const paused = vendorError('paused', 500, 'This interface is temporarily paused', {
  type: 'server_error',
})

/** A relay without an account for the model (docs/vendors/failure-modes.md#no-channel). */
export const noChannel = vendorError(
  'no_channel',
  500,
  'failed to get an available channel for group default, model sora-2 (retry)',
  { type: 'server_error', code: 'get_channel_failed' },
)

/** A host's response to an unknown or removed path (docs/vendors/failure-modes.md#model-unavailable). */
export function urlUnknown(method: string, url: string): VendorError {
  return vendorError('url_unknown', 404, `Invalid URL (${method} ${url})`)
}

export function jobUnknown(jobId: string): VendorError {
  return vendorError('job_unknown', 404, `Video with id '${jobId}' not found.`)
}

/** The content of a job that has not ended (docs/vendors/openai-videos.md#download-content). */
export const notReady = vendorError(
  'not_ready',
  404,
  'Video is not ready yet, use GET /v1/videos/{video_id} to check status.',
)

export function expired(status: number): VendorError {
  return vendorError('expired', status, 'The video has expired.')
}

/** A character that is unknown or was revoked (docs/vendors/failure-modes.md#character-refused). */
export function characterError(code: 'cameo_permission_denied' | 'cameo_not_found'): VendorError {
  const message =
    code === 'cameo_not_found'
      ? 'One or more mentioned cameos were not found.'
      : 'You are not allowed to access one or more mentioned cameos.'
  return vendorError('character', 400, message, { code })
}

/** A clip that the vendor cannot fetch (docs/vendors/failure-modes.md#clip-out-of-reach). */
export function unfetchable(param: string) {
  return invalidRequest('request to upstream address failed', { kind: 'unfetchable', param })
}

/** The same idempotency key with another request, like Stripe's error. */
export const keyReused = vendorError(
  'invalid',
  422,
  'This idempotency key was used for a request with other parameters.',
  { type: 'idempotency_error', code: 'idempotency_key_reused' },
)
