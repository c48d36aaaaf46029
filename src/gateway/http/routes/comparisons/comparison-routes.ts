import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { ComparisonService } from '../../../services/comparisons/comparisons.ts'
import { comparisonScoresRoutes } from './comparison-scores.ts'
import { comparisonSheetsRoutes } from './comparison-sheets.ts'
import { comparisonsRoutes } from './comparisons.ts'
import { makeComparisonRoutes } from './make-comparison.ts'
import { sheetsRoutes } from './sheets.ts'

/** All routes of comparisons, including signed links. */
export const comparisonRoutes: FastifyPluginAsyncZod<{ comparisons: ComparisonService }> = async (
  app,
  options,
) => {
  await app.register(makeComparisonRoutes, options)
  await app.register(comparisonsRoutes, options)
  await app.register(comparisonScoresRoutes, options)
  await app.register(comparisonSheetsRoutes, options)
  await app.register(sheetsRoutes, options)
}
