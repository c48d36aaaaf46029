import type { GenerationId } from '../ids.ts'
import type { ReferenceRole, RequestSettings } from '../inputs/request-inputs.ts'
import type { MediaKind, VisualKind } from '../media-kind.ts'
import type { AskedRouting } from '../generation/request.ts'
import type { Shape, Size } from '../routing/upstream.ts'
import type { WebhookEvent, WebhookFormat } from '../webhooks/webhook-event.ts'

/** A file of a scene, by where it comes from. `pointer` names its member for problems. */
export type SceneMedia = { pointer: string } & (
  { type: 'url'; kind: MediaKind; url: string } | { type: 'generation'; id: GenerationId }
)

/** Frames, references and settings; absent: none. Files are downloaded when the scene is sent. */
export interface SceneInputs {
  firstFrame?: SceneMedia
  lastFrame?: SceneMedia
  references?: Array<SceneMedia & { role: ReferenceRole | null; name: string | null }>
  settings: RequestSettings
}

/** What a scene asks of the gateway, with the shared settings applied; null means "not said". It is resolved when it is sent. */
export interface SceneRequest {
  prompt: string
  model: string | null
  durationSeconds: number | null
  size: Size | Shape | null
  /** Fetched when the scene is sent. */
  reference: { type: 'url'; kind: VisualKind; url: string; influence: number | null } | null
  inputs?: SceneInputs
  routing: AskedRouting
  webhookUrl: string | null
  webhookEvents: WebhookEvent[] | null
  webhookFormat?: WebhookFormat
  metadata: Record<string, string>
}
