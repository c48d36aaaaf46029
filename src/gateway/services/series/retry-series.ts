import type { CallName } from '../../domain/accounts/audit.ts'
import { narrowest } from '../../domain/accounts/client.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { AuditId, SeriesId } from '../../domain/ids.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import { afterLook } from '../../domain/series/advance.ts'
import { isSamePrompt, retriedScene, retryRefusal } from '../../domain/series/retry.ts'
import type { SceneRequest } from '../../domain/series/scene-request.ts'
import type { Scene, Series } from '../../domain/series/series.ts'
import type { StoredSeries } from '../../ports/series/series-store.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { AdvanceSeriesDeps } from './advance-series.ts'
import { followScenes } from './follow-scenes.ts'
import { charactersOf, planScenes, withCharacters } from './plan-scenes.ts'
import type { RetryInput, SeriesView } from './series.ts'

/** Retries by which a repeated call is recognised; more of one series within a day are not expected. */
const keptRetries = 50

interface Retry {
  stored: StoredSeries
  input: RetryInput
  auditId: AuditId
  call: CallName | undefined
}

interface Chosen {
  scene: Scene
  request: SceneRequest
  /** Its place in the request; null where the request names no scenes. */
  place: number | null
}

/** Stores the scenes as to be rendered once more; null where somebody else wrote the series meanwhile. */
export async function retryOnce(
  deps: AdvanceSeriesDeps,
  client: Client,
  { stored, input, auditId, call }: Retry,
): Promise<SeriesView | null> {
  const { series: store, clock, ids } = deps
  const { version } = stored
  const series = await followScenes(deps, stored.series)
  if (series.cancelledAt !== null)
    throw new Problem(
      'conflict',
      'This series was cancelled. Create a new one with the scenes that are missing.',
    )
  const requests = await store.requests(series.id)
  const characters = await charactersOf(deps, client, series.characters)
  const chosen = choose(series, requests, input, characters)
  const prepared = withCharacters(
    chosen.map(({ scene, request }) => ({ id: scene.id, request })),
    characters,
  )
  await checkEarlierRefusals(deps, chosen, prepared)
  const planned = await planScenes(deps, client, prepared, (index) => chosen[index]?.place ?? index)
  const now = clock.now()
  const nextRequests = [...requests]
  const scenes = [...series.scenes]
  for (const [index, { input: asked, ownWarnings }] of planned.entries()) {
    const scene = chosen[index]?.scene
    if (scene === undefined) continue
    const isAdded = ownWarnings.length > 0 ? ownWarnings : scene.ownWarnings
    scenes[scene.number - 1] = retriedScene(scene, ids.generation(), isAdded)
    nextRequests[scene.number - 1] = asked.request
  }
  const retries = [...series.retries, auditId].slice(-keptRetries)
  // Who retries with a narrower key does not get past its floor by a series of a wider one.
  const narrowed = { ...series.client, ...narrowest(series.client, client) }
  const next = afterLook({ ...series, client: narrowed, scenes, retries, completedAt: null }, now, true)
  const retried = chosen.map(({ scene }) => scene.id)
  const outcome = await store.save(next, version, {
    entries: [{ type: 'series.retried', at: now, data: { scenes: retried } }],
    requests: nextRequests,
    audit: {
      ...auditEntry(deps, {
        actor: client,
        action: 'series.retried',
        subject: series.id,
        data: { scenes: retried },
      }),
      id: auditId,
      call,
    },
  })
  return outcome === 'conflict' ? null : { series: next, requests: nextRequests, asideUntil: null }
}

function choose(
  series: Series,
  requests: readonly SceneRequest[],
  { scenes: named }: RetryInput,
  characters: readonly Character[],
): Chosen[] {
  const requestOf = ({ number }: Scene): SceneRequest => {
    const request = requests[number - 1]
    if (request === undefined) throw new Error(`scene ${number} of ${series.id} has no request`)
    return request
  }
  if (named !== null) return chooseNamed(series, named, requestOf, characters)
  const failed = series.scenes.filter(({ status }) => status === 'failed')
  const chosen = failed.filter((scene) => retryRefusal(scene, false) === null)
  if (chosen.length > 0) return chosen.map((scene) => ({ scene, request: requestOf(scene), place: null }))
  const [first] = failed
  const why = first === undefined ? '' : ` Scene ${first.id} ${retryRefusal(first, false)}.`
  throw new Problem('conflict', `No scene of this series may be retried.${why}`)
}

function chooseNamed(
  series: Series,
  named: NonNullable<RetryInput['scenes']>,
  requestOf: (scene: Scene) => SceneRequest,
  characters: readonly Character[],
): Chosen[] {
  const faults: FieldFault[] = []
  const chosen = named.flatMap(({ id, prompt }, place): Chosen[] => {
    const pointer = `/scenes/${place}`
    const scene = series.scenes.find((each) => each.id === id)
    const isTwice = named.findIndex((other) => other.id === id) < place
    if (scene === undefined || isTwice) {
      faults.push({
        pointer: `${pointer}/id`,
        detail: isTwice ? 'is listed twice' : `is no scene of this series: ${id}`,
      })
      return []
    }
    const request = requestOf(scene)
    const edited = prompt === null ? request : { ...request, prompt }
    // As it would be sent: the characters of the series may be all that the stored prompt has and this one has not.
    const [asked] = withCharacters([{ id, request: edited }], characters)
    const isChanged = asked !== undefined && !isSamePrompt(asked.input.request.prompt, request.prompt)
    const refusal = retryRefusal(scene, isChanged)
    if (refusal !== null) {
      const isPrompt = scene.error?.code === 'content_refused' && prompt !== null
      faults.push({ pointer: isPrompt ? `${pointer}/prompt` : pointer, detail: refusal })
      return []
    }
    return [{ scene, request: edited, place }]
  })
  const [first] = faults
  if (first === undefined) return chosen
  const problem = `Scene ${first.pointer.split('/')[2] ?? ''} of the request ${first.detail}.`
  throw new Problem('validation_failed', problem, { faults })
}

/** A prompt that was refused stays refused, also where another one was tried in between. */
async function checkEarlierRefusals(
  { store }: AdvanceSeriesDeps,
  chosen: readonly Chosen[],
  prepared: ReturnType<typeof withCharacters>,
): Promise<void> {
  for (const [index, { scene, place }] of chosen.entries()) {
    const prompt = prepared[index]?.input.request.prompt ?? ''
    for (const id of scene.previousGenerationIds) {
      const earlier = (await store.get(id))?.generation
      if (earlier?.error?.code !== 'content_refused' || !isSamePrompt(earlier.request.prompt, prompt))
        continue
      const detail = 'was refused for its content at an earlier try; give it another prompt'
      const pointer = place === null ? '/scenes' : `/scenes/${place}/prompt`
      throw new Problem('validation_failed', `The prompt of scene ${scene.id} ${detail}.`, {
        faults: [{ pointer, detail }],
      })
    }
  }
}

/** The series, where this retry was stored by an earlier call. */
export async function findRetry(
  { series: store }: AdvanceSeriesDeps,
  id: SeriesId,
  auditId: AuditId,
): Promise<SeriesView | null> {
  const stored = await store.get(id)
  if (stored?.series.retries.includes(auditId) !== true) return null
  const [requests, asideUntil] = await Promise.all([store.requests(id), store.asideUntil(id)])
  return { series: stored.series, requests, asideUntil }
}
