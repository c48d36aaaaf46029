/** Ids carry their kind as a prefix and sort by creation time (a ULID follows the prefix). */
export type GenerationId = `gen_${string}`
export type AttemptId = `att_${string}`
export type CharacterId = `char_${string}`
export type MediaId = `media_${string}`
export type KeyId = `key_${string}`
export type AuditId = `aud_${string}`
export type ComparisonId = `cmp_${string}`
/** A generation's ULID and the number of the log record that it is about. */
export type DeliveryId = `dlv_${string}`
export type WebhookSecretId = `wsec_${string}`

const ULID = '[0-9a-z]{26}'
const generationPattern = new RegExp(`^gen_${ULID}$`)
const characterPattern = new RegExp(`^char_${ULID}$`)

export function isGenerationId(text: string): text is GenerationId {
  return generationPattern.test(text)
}

export function isCharacterId(text: string): text is CharacterId {
  return characterPattern.test(text)
}
