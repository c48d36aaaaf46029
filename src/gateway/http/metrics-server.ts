import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { Scrape } from '../services/observability/scrape.ts'

/** A few scrapers, each with a connection that stays open. */
const mostConnections = 32
/** Longer than the usual time between two scrapes. */
const keepAliveMs = 75_000
const requestMs = 10_000

/** Serves `GET /metrics` without a key, on an address of its own. It does not listen: the caller does, and closes it. */
export function createMetricsServer(scrape: Scrape): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: 1,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: true,
  })
  app.server.maxConnections = mostConnections
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await scrape()
    return reply.type(contentType).send(text)
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('See /metrics.\n'))
  app.setErrorHandler((_error, _request, reply) =>
    reply.code(500).type('text/plain').send('The metrics could not be read. See the log of the gateway.\n'),
  )
  return app
}
