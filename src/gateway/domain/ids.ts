/** Ids carry their kind as a prefix and sort by creation time (a ULID follows the prefix). */
export type GenerationId = `gen_${string}`
export type AttemptId = `att_${string}`
export type CharacterId = `char_${string}`
export type MediaId = `media_${string}`
export type KeyId = `key_${string}`
export type AuditId = `aud_${string}`
export type ComparisonId = `cmp_${string}`
export type SeriesId = `ser_${string}`
/** A generation's ULID and the number of the log record that it is about. */
export type DeliveryId = `dlv_${string}`
export type WebhookSecretId = `wsec_${string}`
export type SessionId = `ses_${string}`

const ULID = '[0-9a-z]{26}'
const comparisonPattern = new RegExp(`^cmp_${ULID}$`)
const seriesPattern = new RegExp(`^ser_${ULID}$`)
const auditPattern = new RegExp(`^aud_${ULID}$`)
const keyPattern = new RegExp(`^key_${ULID}$`)
const webhookSecretPattern = new RegExp(`^wsec_${ULID}$`)
const generationPattern = new RegExp(`^gen_${ULID}$`)
const characterPattern = new RegExp(`^char_${ULID}$`)

export function isGenerationId(text: string): text is GenerationId {
  return generationPattern.test(text)
}

export function isComparisonId(text: string): text is ComparisonId {
  return comparisonPattern.test(text)
}

export function isSeriesId(text: string): text is SeriesId {
  return seriesPattern.test(text)
}

export function isAuditId(text: string): text is AuditId {
  return auditPattern.test(text)
}

export function isKeyId(text: string): text is KeyId {
  return keyPattern.test(text)
}

export function isWebhookSecretId(text: string): text is WebhookSecretId {
  return webhookSecretPattern.test(text)
}

export function isCharacterId(text: string): text is CharacterId {
  return characterPattern.test(text)
}
