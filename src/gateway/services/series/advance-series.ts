import { afterLook, cancelledScene, isAnyReady, scenesToSend } from '../../domain/series/advance.ts'
import { newsOf } from '../../domain/series/series-events.ts'
import { hasEnded } from '../../domain/series/series.ts'
import type { Series } from '../../domain/series/series.ts'
import { isDeepStrictEqual } from 'node:util'
import type { EventBus } from '../../ports/event-bus.ts'
import type { StoredSeries } from '../../ports/series/series-store.ts'
import type { SeriesStore } from '../../ports/series/series-store.ts'
import type { GenerationService } from '../generations/generations.ts'
import { createRounds } from '../rounds.ts'
import type { Pause, Rounds } from '../rounds.ts'
import { allotScenes } from './allot-scenes.ts'
import { endGenerations } from './end-generations.ts'
import { followScenes, withScene } from './follow-scenes.ts'
import { clientNow, foundScene, sendScenes, withoutKey } from './send-scenes.ts'
import type { SendScenesDeps } from './send-scenes.ts'

export type AdvanceSeriesDeps = SendScenesDeps & {
  series: SeriesStore
  generations: Pick<GenerationService, 'cancel'>
  bus: EventBus
  /** Tests hold it, to say when a step's time is over. */
  stepPause?: Pause | undefined
}

/** Of one tenant in hand at the same time, so that one whose references hang holds up its own alone. */
const perTenant = 4

/** Notes what ended, gives the next scenes their parts of the ceiling, and stores the generations of those that have theirs. */
export function createAdvanceSeries(deps: AdvanceSeriesDeps): Rounds {
  const { series: store, clock } = deps
  return createRounds({
    ...deps,
    noun: 'series',
    store,
    perTenant,
    itemOf: ({ series }) => series,
    async work(stored) {
      const { series, version } = stored
      const next = await advanceOne(deps, stored)
      if (isDeepStrictEqual({ ...next, dueAt: null }, { ...series, dueAt: null }))
        return () => store.putBack(series.id, version, next.dueAt)
      // A conflict means that the caller changed it; what was stored of generations is found again by its id.
      return async () => {
        await store.save(next, version, { entries: newsOf(series, next, clock.now()) })
        deps.bus.publish(series.id)
      }
    },
    later: ({ series, version }, dueAt) => store.putBack(series.id, version, dueAt),
  })
}

async function advanceOne(deps: AdvanceSeriesDeps, { series, version }: StoredSeries): Promise<Series> {
  const { clock } = deps
  const followed = await followScenes(deps, series)
  if (followed.cancelledAt !== null) return afterLook(await endScenes(deps, followed), clock.now())
  if (followed.scenes.every(hasEnded)) return afterLook(followed, clock.now())
  const client = await clientNow(deps, series)
  if (client === null) return afterLook(withoutKey(await noteSent(deps, followed), clock.now()), clock.now())
  // What the scenes ask for can be a megabyte: it is read when one of them can go.
  if (!isAnyReady(followed)) return afterLook(followed, clock.now())
  const requests = await deps.series.requests(series.id)
  const sent = await sendScenes(deps, client, { series: followed, requests, version })
  const allotted = await allotScenes(deps, client, sent, requests)
  const isMore = scenesToSend(allotted).length > scenesToSend(sent).length
  return afterLook(allotted, clock.now(), isMore)
}

/** What was stored by a process that ended before it could note it is not taken for never sent. */
async function noteSent(deps: AdvanceSeriesDeps, series: Series): Promise<Series> {
  let next = series
  for (const scene of scenesToSend(series)) {
    const found = await foundScene(deps, scene)
    if (found !== null) next = withScene(next, found)
  }
  return next
}

/** What is left of a series that was cancelled: what was sent is cancelled too, and what was not is never sent. */
async function endScenes(deps: AdvanceSeriesDeps, series: Series): Promise<Series> {
  const error = { code: 'cancelled', message: 'The series was cancelled before this scene was sent.' }
  let next = series
  for (const scene of scenesToSend(series))
    next = withScene(next, (await foundScene(deps, scene)) ?? cancelledScene(scene, error, deps.clock.now()))
  await endGenerations(deps, next.client, next)
  return followScenes(deps, next)
}
