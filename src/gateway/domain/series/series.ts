import type { Client } from '../accounts/client.ts'
import type { Warning } from '../generation/failure.ts'
import type { VideoAsset } from '../generation/generation.ts'
import type { AuditId, CharacterId, GenerationId, SeriesId } from '../ids.ts'
import { generationStatuses } from '../generation/history.ts'
import type { WebhookFormat } from '../webhooks/webhook-event.ts'

export const sceneStatuses = ['waiting', ...generationStatuses] as const
export type SceneStatus = (typeof sceneStatuses)[number]

export const seriesStatuses = generationStatuses
export type SeriesStatus = (typeof seriesStatuses)[number]

/** The most scenes of one series. */
export const mostScenes = 100
/** Scenes of one series that are with the workers or an upstream at the same time. */
export const mostInFlight = 10

/** One video of a series. What it asks for is stored beside it, as a `SceneRequest` at the same place of a list. */
export interface Scene {
  /** The caller's own, else its number. Unique within the series. */
  id: string
  /** From 1, in the order in which they start. */
  number: number
  status: SceneStatus
  /** 0-100. */
  progress: number
  /** Minted before it is sent, so that a generation that was stored and not noted is found and not made again. */
  generationId: GenerationId
  /** Those of earlier tries, oldest first. */
  previousGenerationIds: GenerationId[]
  /** The most that its generation may cost, stored before it is sent; null before that. */
  allotmentMicros: number | null
  /** Whether its generation is known to be stored. */
  isSent: boolean
  /** Whether an upstream took it. */
  isAccepted: boolean
  /** Whether what its generation costs can still change. */
  isOpen: boolean
  /** What its generation cost so far, and what of it is not settled. */
  costMicros: number
  reservedMicros: number
  /** What its earlier tries cost. */
  earlierCostMicros: number
  /** The one that rendered it, else the one that is at it. */
  upstream: string | null
  /** A generation's error code, or the code of the problem for which it could not be sent. */
  error: { code: string; message: string } | null
  /** What differs from what was asked: of the series itself, and of its generation. */
  ownWarnings: Warning[]
  warnings: Warning[]
  video: VideoAsset | null
  startedAt: number | null
  completedAt: number | null
}

/** A list of scenes as one piece of work. Instants are ms since the epoch, money is micro-dollars. */
export interface Series {
  id: SeriesId
  tenant: string
  /** Who asked, with the floor and the limits of that time: what the scenes are rendered for. */
  client: Client
  name: string | null
  /** What every scene shows. */
  characters: CharacterId[]
  scenes: Scene[]
  /** Over all scenes and all of their tries; null for none. */
  maxCostMicros: number | null
  webhookUrl: string | null
  webhookFormat?: WebhookFormat
  metadata: Record<string, string>
  /** The last retries, by which a repeated call is recognised. */
  retries: AuditId[]
  /** When the caller ended it; null unless he did. */
  cancelledAt: number | null
  createdAt: number
  completedAt: number | null
  /** When somebody should look at it again; null when nothing of it changes any more. */
  dueAt: number | null
}

/** A scene that nobody has sent yet. */
export function newScene(given: Pick<Scene, 'id' | 'number' | 'generationId' | 'ownWarnings'>): Scene {
  return {
    ...given,
    status: 'waiting',
    progress: 0,
    previousGenerationIds: [],
    allotmentMicros: null,
    isSent: false,
    isAccepted: false,
    isOpen: false,
    costMicros: 0,
    reservedMicros: 0,
    earlierCostMicros: 0,
    upstream: null,
    error: null,
    warnings: given.ownWarnings,
    video: null,
    startedAt: null,
    completedAt: null,
  }
}

export function hasEnded({ status }: Pick<Scene, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

export function isOver({ scenes }: { scenes: ReadonlyArray<Pick<Scene, 'status'>> }): boolean {
  return scenes.every(hasEnded)
}

export function statusOf(series: Pick<Series, 'scenes' | 'cancelledAt'>): SeriesStatus {
  const { scenes, cancelledAt } = series
  if (!isOver(series)) return scenes.some(({ status }) => status !== 'waiting') ? 'in_progress' : 'queued'
  if (scenes.every(({ status }) => status === 'completed')) return 'completed'
  return cancelledAt === null ? 'failed' : 'cancelled'
}

/** 0-100: the mean of its scenes, where what has ended counts as done. */
export function seriesProgress({ scenes }: Pick<Series, 'scenes'>): number {
  const sum = scenes.reduce((total, scene) => total + (hasEnded(scene) ? 100 : scene.progress), 0)
  return Math.floor(sum / scenes.length)
}

/** How many scenes stand where. */
export function countsOf({ scenes }: Pick<Series, 'scenes'>): Record<SceneStatus, number> {
  const counts = { waiting: 0, queued: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 }
  for (const { status } of scenes) counts[status] += 1
  return counts
}

/** What it cost so far, earlier tries included, and what of it is not settled. */
export function costsOf({ scenes }: Pick<Series, 'scenes'>): { costMicros: number; reservedMicros: number } {
  return {
    costMicros: scenes.reduce((sum, each) => sum + each.costMicros + each.earlierCostMicros, 0),
    reservedMicros: scenes.reduce((sum, { reservedMicros }) => sum + reservedMicros, 0),
  }
}

/**
 * The scene whose upstream the others follow: the first that was completed, else the first that an upstream is at; null before
 * either.
 */
export function leadingScene({ scenes }: Pick<Series, 'scenes'>): Scene | null {
  return (
    scenes.find(({ status, upstream }) => status === 'completed' && upstream !== null) ??
    scenes.find((scene) => scene.upstream !== null && scene.isSent && !hasEnded(scene)) ??
    null
  )
}
