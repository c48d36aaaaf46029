import type {
  AttemptId,
  AuditId,
  CharacterId,
  ComparisonId,
  GenerationId,
  KeyId,
  MediaId,
  SeriesId,
  WebhookSecretId,
} from '../domain/ids.ts'

/** Milliseconds since the epoch. Tests hold their own. */
export interface Clock {
  now(): number
}

/** Mints ids that sort by creation time. */
export interface Ids {
  generation(): GenerationId
  attempt(): AttemptId
  character(): CharacterId
  media(): MediaId
  key(): KeyId
  audit(): AuditId
  comparison(): ComparisonId
  series(): SeriesId
  webhookSecret(): WebhookSecretId
}
