import type {
  AttemptId,
  AuditId,
  CharacterId,
  ComparisonId,
  GenerationId,
  KeyId,
  MediaId,
  SeriesId,
  SessionId,
  WebhookSecretId,
} from '../domain/ids.ts'

/** Milliseconds since the epoch. Tests use a clock of their own. */
export interface Clock {
  now(): number
}

/** Creates ids that sort by creation time. */
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
  session(): SessionId
}
