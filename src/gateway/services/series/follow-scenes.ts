import { sceneAfter, scenesToFollow } from '../../domain/series/advance.ts'
import type { Scene, Series } from '../../domain/series/series.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'

/** The series as the generations that it sent stand now. */
export async function followScenes(
  { store, clock }: { store: Pick<GenerationStore, 'get'>; clock: Clock },
  series: Series,
): Promise<Series> {
  let next = series
  for (const scene of scenesToFollow(series)) {
    const stored = await store.get(scene.generationId)
    next = withScene(next, sceneAfter(scene, stored && stored.generation, clock.now()))
  }
  return next
}

export function withScene(series: Series, scene: Scene): Series {
  return { ...series, scenes: series.scenes.map((each) => (each.number === scene.number ? scene : each)) }
}
