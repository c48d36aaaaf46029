import { timingSafeEqual } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

/** How far the clocks of sender and receiver may be apart: Standard Webhooks, and docs/vendors/openai-videos.md#webhooks. */
const toleranceSeconds = 300
/** Two are enough for a rotation; more would be work for whoever sends rubbish. */
const maxSignatures = 8

/** The three headers of Standard Webhooks. */
export interface SignatureHeaders {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

/** The headers of a message that leaves at `at` (ms since epoch), signed with every secret: during a rotation either will do. */
export function signatureHeaders(
  secrets: readonly string[],
  message: { id: string; at: number; body: string },
): SignatureHeaders {
  const { id, at, body } = message
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': secrets.map((secret) => signerOf(secret).sign(id, new Date(at), body)).join(' '),
  }
}

/** Whether one of the signatures is right, and its time is near. The library's own check asks the system's clock. */
export function isSigned(secret: string, headers: SignatureHeaders, body: Buffer, now: number): boolean {
  const seconds = /^\d{1,11}$/.test(headers['webhook-timestamp'])
    ? Number(headers['webhook-timestamp'])
    : null
  if (seconds === null || Math.abs(now / 1000 - seconds) > toleranceSeconds) return false
  const signed = Buffer.from(signerOf(secret).sign(headers['webhook-id'], new Date(seconds * 1000), body))
  return headers['webhook-signature']
    .split(' ', maxSignatures)
    .map((signature) => Buffer.from(signature))
    .some((signature) => signature.length === signed.length && timingSafeEqual(signature, signed))
}

/** `whsec_` and base64; a secret without that prefix is used as it is (docs/vendors/openai-videos.md#webhooks). */
function signerOf(secret: string): Webhook {
  const prefix = 'whsec_'
  const key = secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret)
  return new Webhook(key, { format: 'raw' })
}
