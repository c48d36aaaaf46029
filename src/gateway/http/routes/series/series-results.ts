import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { SeriesResults } from '../../../services/series-results/series-results.ts'
import { seriesManifestRoutes } from './series-manifest.ts'
import { seriesSheetRoutes } from './series-sheet.ts'
import { seriesVideosRoutes } from './series-videos.ts'

/** What a series came to. */
export const seriesResultsRoutes: FastifyPluginAsyncZod<{ seriesResults: SeriesResults }> = async (
  app,
  deps,
) => {
  await app.register(seriesManifestRoutes, deps)
  await app.register(seriesSheetRoutes, deps)
  await app.register(seriesVideosRoutes, deps)
}
