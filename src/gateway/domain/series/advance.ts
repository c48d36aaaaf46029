import { isTerminal } from '../generation/liveness.ts'
import type { Generation } from '../generation/generation.ts'
import { renderedOn } from '../generation/rendered-on.ts'
import { hasEnded, isOver, mostInFlight } from './series.ts'
import type { Scene, Series } from './series.ts'

/** While scenes are under way their generations are looked at this often. */
const againMs = 1000
/** After the last scene, while a job without a verdict may still cost something. */
const settlingMs = 60_000
const settlesWithinMs = 30 * 24 * 3600_000

/** An ended scene with a job without a verdict gives back within this time, or is not waited for: nobody may ever know. */
const givesBackWithinMs = 3600_000

/** A scene as its generation says it stands; null: the generation was deleted. */
export function sceneAfter(scene: Scene, generation: Generation | null, now: number): Scene {
  if (generation === null) {
    if (hasEnded(scene)) return { ...scene, isSent: true, isOpen: false }
    return failedScene(
      { ...scene, isSent: true },
      { code: 'deleted', message: 'Its generation was deleted.' },
      now,
    )
  }
  const { attempts, error, video } = generation
  const settled = attempts.filter(({ costState }) => costState === 'settled')
  const reserved = attempts.filter(({ costState }) => costState !== 'settled')
  const isEnded = isTerminal(generation)
  return {
    ...scene,
    status: generation.status,
    progress: generation.progress,
    isSent: true,
    isAccepted: attempts.some(({ acceptedAt }) => acceptedAt !== null),
    isOpen: !isEnded || reserved.length > 0,
    costMicros: settled.reduce((sum, { costMicros }) => sum + costMicros, 0),
    reservedMicros: reserved.reduce((sum, { reservedMicros }) => sum + reservedMicros, 0),
    upstream: attempts.length === 0 ? null : (renderedOn(generation) ?? attempts.at(-1)?.upstream ?? null),
    error: error && { code: error.code, message: error.message },
    warnings: [...scene.ownWarnings, ...generation.warnings],
    video,
    startedAt: generation.createdAt,
    completedAt: generation.completedAt,
  }
}

/** A scene that ends without a video, for a reason of the series itself. */
export function failedScene(scene: Scene, error: NonNullable<Scene['error']>, now: number): Scene {
  return { ...scene, status: 'failed', isOpen: false, error, completedAt: now }
}

/** A scene that was not sent and is not sent any more. */
export function cancelledScene(scene: Scene, error: NonNullable<Scene['error']>, now: number): Scene {
  return { ...scene, status: 'cancelled', isOpen: false, allotmentMicros: null, error, completedAt: now }
}

/** Generations that may still change something of the series. */
export function scenesToFollow({ scenes }: Series): Scene[] {
  return scenes.filter((scene) => scene.isSent && (!hasEnded(scene) || scene.isOpen))
}

/** Scenes that were given their part of the ceiling and are not known to be sent. */
export function scenesToSend({ scenes }: Series): Scene[] {
  return scenes.filter((scene) => scene.allotmentMicros !== null && !scene.isSent && !hasEnded(scene))
}

/**
 * Waiting scenes that may be given a part of the ceiling now, in their order, and how many of them at most. The first scene
 * goes alone, until an upstream took it or it ended: the others follow to where it went.
 */
export function scenesToAllot(series: Series): { scenes: Scene[]; most: number } {
  const { scenes, cancelledAt } = series
  if (cancelledAt !== null) return { scenes: [], most: 0 }
  const waiting = scenes.filter(isWaiting)
  const underWay = scenes.filter((scene) => !hasEnded(scene) && !isWaiting(scene)).length
  const isLed = scenes.some((scene) => scene.isAccepted || hasEnded(scene))
  if (!isLed) return { scenes: waiting.slice(0, 1), most: underWay === 0 ? 1 : 0 }
  return { scenes: waiting, most: Math.max(0, mostInFlight - underWay) }
}

/** Whether a scene can be sent, or be given its part of the ceiling, now. */
export function isAnyReady(series: Series): boolean {
  const { scenes, most } = scenesToAllot(series)
  return scenesToSend(series).length > 0 || (scenes.length > 0 && most > 0)
}

function isWaiting(scene: Scene): boolean {
  return scene.allotmentMicros === null && !hasEnded(scene)
}

/**
 * What is left of the ceiling, never below zero; null without one. A scene that was sent counts with its whole part until
 * nothing of its generation can cost anything more, and with what it did cost from then on.
 */
export function ceilingLeft({ scenes, maxCostMicros }: Series): number | null {
  if (maxCostMicros === null) return null
  return Math.max(0, maxCostMicros - scenes.reduce((sum, scene) => sum + committedMicros(scene), 0))
}

function committedMicros({ allotmentMicros, isSent, isOpen, error, ...costs }: Scene): number {
  const { costMicros, reservedMicros, earlierCostMicros } = costs
  // What a generation cost that was deleted before anybody looked is not known.
  const isSettled = isSent && !isOpen && error?.code !== 'deleted'
  const most = isSettled ? 0 : (allotmentMicros ?? 0)
  return earlierCostMicros + Math.max(most, costMicros + reservedMicros)
}

/** Whether something of the ceiling that is taken now may come back in a time that others can wait for. */
export function mayGiveBack({ scenes }: Series, now: number): boolean {
  return scenes.some(({ allotmentMicros, isSent, isOpen, completedAt }) => {
    if (allotmentMicros === null || (isSent && !isOpen)) return false
    return completedAt === null || now - completedAt < givesBackWithinMs
  })
}

/** The key's own limit, of which a series leaves a quarter, and one place at least, to the key's other calls. */
export function loweredLimit(maxInFlight: number | null): number | null {
  if (maxInFlight === null || maxInFlight < 2) return maxInFlight
  return maxInFlight - Math.max(1, Math.floor(maxInFlight / 4))
}

/** The series when its caller ends it: what was given no part of the ceiling yet is never sent. */
export function cancelledSeries(series: Series, now: number): Series {
  const error = { code: 'cancelled', message: 'The series was cancelled before this scene was sent.' }
  const scenes = series.scenes.map((scene) => (isWaiting(scene) ? cancelledScene(scene, error, now) : scene))
  return afterLook({ ...series, scenes, cancelledAt: now }, now, true)
}

/** The series after a look at it: when it is over, and when somebody should look again; `soon`: there is more to do now. */
export function afterLook(series: Series, now: number, soon = false): Series {
  if (!isOver(series)) {
    return { ...series, completedAt: null, dueAt: soon ? now : now + againMs }
  }
  const completedAt = series.completedAt ?? now
  const settles = series.scenes.some(({ isOpen }) => isOpen) && now - completedAt < settlesWithinMs
  return { ...series, completedAt, dueAt: settles ? now + settlingMs : null }
}
