import type { Json } from '../json.ts'
import { hasEnded, statusOf } from './series.ts'
import type { Scene, Series } from './series.ts'

export const seriesEventTypes = [
  'series.created',
  'series.retried',
  'scene.started',
  'scene.completed',
  'scene.failed',
  'scene.cancelled',
  'series.completed',
  'series.failed',
  'series.cancelled',
] as const
export type SeriesEventType = (typeof seriesEventTypes)[number]

/** What a webhook tells of a series. */
export const seriesEnds = ['series.completed', 'series.failed', 'series.cancelled'] as const
export type SeriesEnd = (typeof seriesEnds)[number]

/** One line of the log of a series. */
export interface SeriesEntry {
  type: SeriesEventType
  at: number
  data: { [key: string]: Json }
}

/** What the log is told when one version of a series follows another. */
export function newsOf(before: Series, after: Series, at: number): SeriesEntry[] {
  const scenes = after.scenes.flatMap((scene, index): SeriesEntry[] => {
    const was = before.scenes[index]
    const known = was?.generationId === scene.generationId ? was : null
    const started = scene.isSent && known?.isSent !== true
    const ended = hasEnded(scene) && (known === null || !hasEnded(known))
    return [
      ...(started ? [{ type: 'scene.started' as const, at, data: nameOf(scene) }] : []),
      ...(ended ? [{ type: endOf(scene), at, data: { ...nameOf(scene), ...outcomeOf(scene) } }] : []),
    ]
  })
  if (before.completedAt !== null || after.completedAt === null) return scenes
  return [...scenes, { type: endOfAll(after), at, data: {} }]
}

function nameOf({ id, number, generationId }: Scene): { [key: string]: Json } {
  return { scene: id, number, generation: generationId }
}

function endOf({ status }: Scene): SeriesEventType {
  if (status === 'completed') return 'scene.completed'
  return status === 'cancelled' ? 'scene.cancelled' : 'scene.failed'
}

function outcomeOf({ costMicros, upstream, error }: Scene): { [key: string]: Json } {
  return { cost_micros: costMicros, upstream, ...(error && { code: error.code, message: error.message }) }
}

function endOfAll(series: Series): SeriesEventType {
  const status = statusOf(series)
  if (status === 'completed') return 'series.completed'
  return status === 'cancelled' ? 'series.cancelled' : 'series.failed'
}
