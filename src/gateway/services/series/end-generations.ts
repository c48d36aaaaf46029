import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import { hasEnded } from '../../domain/series/series.ts'
import type { Series } from '../../domain/series/series.ts'
import type { GenerationService } from '../generations/generations.ts'

/** Cancels what was sent of a series and has not ended. */
export async function endGenerations(
  { generations }: { generations: Pick<GenerationService, 'cancel'> },
  client: Client,
  { scenes }: Series,
): Promise<void> {
  for (const scene of scenes) {
    if (!scene.isSent || hasEnded(scene)) continue
    try {
      await generations.cancel(client, scene.generationId)
    } catch (error) {
      // Deleted meanwhile, or written by a worker at every try: the next round looks at it again.
      if (!(error instanceof Problem)) throw error
    }
  }
}
