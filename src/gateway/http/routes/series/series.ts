import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import type { SeriesService } from '../../../services/series/series.ts'
import type { LogStreams } from '../../answers/log-stream.ts'
import { endSeriesRoutes } from './end-series.ts'
import { followSeriesRoutes } from './follow-series.ts'
import { makeSeriesRoutes } from './make-series.ts'

/** Lists of scenes as one piece of work. */
export const seriesRoutes: FastifyPluginAsyncZod<
  LogStreams & { series: SeriesService; addresses: SignedAddresses }
> = async (app, options) => {
  await app.register(makeSeriesRoutes, options)
  await app.register(endSeriesRoutes, options)
  await app.register(followSeriesRoutes, options)
}
