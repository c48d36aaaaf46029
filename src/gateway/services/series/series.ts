import type { Client } from '../../domain/accounts/client.ts'
import type { RoutePlan } from '../../domain/generation/plan.ts'
import type { SeriesId } from '../../domain/ids.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import type { Series, SeriesStatus } from '../../domain/series/series.ts'
import type { WebhookFormat } from '../../domain/webhooks/webhook-event.ts'
import type { IdempotencyInput } from '../generations/generations.ts'
import type { SeriesRecord } from '../../ports/series/series-store.ts'
import type { Once } from '../once-only.ts'

export interface SceneInput {
  /** Null for its number. */
  id: string | null
  /** With the shared settings applied. */
  request: SceneRequest
}

export interface SeriesInput {
  name: string | null
  /** By id or name: what every scene shows. A scene that mentions none of them gets them put in front of its prompt. */
  characters: string[]
  scenes: SceneInput[]
  /** Over all scenes; null for none. */
  maxCostMicros: number | null
  webhookUrl: string | null
  /** Absent: as the key is configured. */
  webhookFormat?: WebhookFormat
  metadata: Record<string, string>
}

/** A series with what its scenes ask for, in their order. */
export interface SeriesView {
  series: Series
  requests: SceneRequest[]
  /** Until when nobody works on it, after crashes while somebody did; null where it is not set aside. */
  asideUntil: number | null
}

export interface SeriesPage {
  data: Series[]
  hasMore: boolean
}

export interface SeriesPlan {
  /** `plan` is null where the key's budget has nothing left for the scene. */
  scenes: Array<{ id: string; plan: RoutePlan | null }>
  estimatedCostMicros: number
  worstCaseCostMicros: number
  maxCostMicros: number | null
  /** Whether every scene can be paid for, whatever happens. */
  isWithinMaxCost: boolean
}

export interface RetryInput {
  /** Null for every failed scene that may be retried. */
  scenes: Array<{ id: string; prompt: string | null }> | null
}

/** Lists of scenes as one piece of work. Failures are thrown as `Problem`; another tenant's series is `not_found`. */
export interface SeriesService {
  /** Stores the series with all of its scenes before it returns, or throws with a fault for each faulty scene. */
  create(client: Client, input: SeriesInput, idempotency: IdempotencyInput | null): Promise<Once<SeriesView>>
  get(client: Client, id: SeriesId): Promise<SeriesView>
  list(
    client: Client,
    query: { status: SeriesStatus | null; before: SeriesId | null; limit: number },
  ): Promise<SeriesPage>
  /** The plans that `create` would follow now; throws as it does, except for the ceiling. Sends and stores nothing. */
  route(client: Client, input: SeriesInput): Promise<SeriesPlan>
  /** Renders failed scenes once more, all that are named or none; throws with a fault for each that may not be retried. */
  retry(
    client: Client,
    id: SeriesId,
    input: RetryInput,
    idempotency: IdempotencyInput | null,
  ): Promise<Once<SeriesView>>
  /** History after `afterSeq`, then what happens, until the series has ended or `signal`. Throws `not_found` on first use. */
  events(client: Client, id: SeriesId, afterSeq: number, signal: AbortSignal): AsyncIterable<SeriesRecord>
  /** Sends nothing more of it and cancels what was sent. Cancelling what is over answers it unchanged. */
  cancel(client: Client, id: SeriesId): Promise<SeriesView>
  /** Deletes it with its generations and their media; throws `conflict` while something of it is under way. */
  remove(client: Client, id: SeriesId): Promise<void>
}
