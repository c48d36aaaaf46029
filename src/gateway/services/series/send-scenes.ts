import { narrowest } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import { passingProblems, Problem } from '../../domain/problem.ts'
import {
  cancelledScene,
  failedScene,
  loweredLimit,
  sceneAfter,
  scenesToSend,
} from '../../domain/series/advance.ts'
import type { AskedRouting } from '../../domain/generation/request.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import { leadingScene } from '../../domain/series/series.ts'
import type { Scene, Series } from '../../domain/series/series.ts'
import type { SeriesStore } from '../../ports/series/series-store.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import { createSubmitGeneration } from '../generations/submit-generation.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'
import { insertWhile } from '../generations/insert-while.ts'
import { wasStored } from '../generations/was-stored.ts'
import { lower, sceneError } from './allot-scenes.ts'
import { withScene } from './follow-scenes.ts'

export type SendScenesDeps = SubmitGenerationDeps & {
  authority: KeyAuthority
  series: Pick<SeriesStore, 'get'>
}

const revoked = {
  code: 'key_revoked',
  message: 'The key was revoked or expired before this was sent.',
}

/** As the key may act now, and no further than when it asked; null when it may not act any more. */
export async function clientNow({ authority }: SendScenesDeps, { client }: Series): Promise<Client | null> {
  const key = await authority.status(client)
  if (key.type === 'revoked') return null
  const floor = narrowest(client, key.client)
  return { ...key.client, ...floor, maxInFlight: loweredLimit(key.client.maxInFlight) }
}

/** Ends what was not sent of a series whose key is over. */
export function withoutKey(series: Series, now: number): Series {
  const scenes = series.scenes.map((scene) =>
    !scene.isSent && scene.status === 'waiting' ? cancelledScene(scene, revoked, now) : scene,
  )
  return { ...series, scenes }
}

interface SceneSends {
  series: Series
  /** One for each scene of the series, in their order. */
  requests: readonly SceneRequest[]
  /** Of the stored series: nothing is stored for one that was changed since it was read. */
  version: number
}

/** Stores the generations of the scenes that were given their parts of the ceiling, as many as the key takes now. */
export async function sendScenes(
  deps: SendScenesDeps,
  client: Client,
  { series, requests, version }: SceneSends,
): Promise<Series> {
  const isUnchanged = async () => (await deps.series.get(series.id))?.version === version
  const guarded = { ...deps, store: insertWhile(deps.store, isUnchanged) }
  let next = series
  for (const scene of scenesToSend(series)) {
    const request = requests[scene.number - 1]
    if (request === undefined) throw new Error(`scene ${scene.number} of ${series.id} has no request`)
    const sent =
      (await foundScene(deps, scene)) ?? (await send(guarded, client, { series: next, scene, request }))
    if (sent === null) return next
    next = withScene(next, sent)
  }
  return next
}

/** The scene whose generation was stored by a process that ended before it could note it; null when there is none. */
export async function foundScene(
  { store, audit, clock }: SendScenesDeps,
  scene: Scene,
): Promise<Scene | null> {
  const stored = await store.get(scene.generationId)
  if (stored !== null) return sceneAfter(scene, stored.generation, clock.now())
  return (await wasStored(audit, scene.generationId)) ? sceneAfter(scene, null, clock.now()) : null
}

/** The scene once its generation is stored, or cannot be; null when it has to wait. */
async function send(
  deps: SendScenesDeps,
  client: Client,
  { series, scene, request }: { series: Series; scene: Scene; request: SceneRequest },
): Promise<Scene | null> {
  const { ids, clock } = deps
  const submit = createSubmitGeneration({ ...deps, ids: { ...ids, generation: () => scene.generationId } })
  try {
    const input = { ...request, routing: await routingOf(deps, series, scene, request) }
    const submitted = await submit(client, { input, idempotency: null, render: () => '' })
    if (submitted.type === 'replayed') throw new Error('a scene was sent under an idempotency key')
    return sceneAfter(scene, submitted.generation, clock.now())
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (passingProblems.has(error.code)) return null
    return failedScene({ ...scene, allotmentMicros: null }, sceneError(error), clock.now())
  }
}

/** Within the scene's part of the ceiling, and where the series is rendered unless the caller prefers another place. */
async function routingOf(
  { store }: SendScenesDeps,
  series: Series,
  scene: Scene,
  { routing }: SceneRequest,
): Promise<AskedRouting> {
  const maxCostMicros =
    series.maxCostMicros === null
      ? routing.maxCostMicros
      : lower(routing.maxCostMicros, scene.allotmentMicros)
  const leading = leadingScene(series)
  if (routing.preferUpstreamOf !== null || leading === null) return { ...routing, maxCostMicros }
  const isThere = (await store.get(leading.generationId)) !== null
  return { ...routing, maxCostMicros, preferUpstreamOf: isThere ? leading.generationId : null }
}
