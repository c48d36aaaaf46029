import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { AccessLog } from './access-log.ts'
import { createClientErrors } from './edge/client-error.ts'
import type { ClientErrors } from './edge/client-error.ts'
import { withoutAlias } from './compat/alias.ts'
import { defaultLineBounds, orderConnections } from './edge/pipeline-limit.ts'
import { RequestLog } from './request-log.ts'
import { requestId } from './request-id.ts'
import { createUnroutable } from './unroutable.ts'
import type { Unroutable } from './unroutable.ts'
import type { ServerTimes, ServerDeps } from './server-options.ts'

export function createApp(
  { logger, limits, trustProxy = false }: ServerDeps,
  times: ServerTimes,
): { app: FastifyInstance; clientErrors: ClientErrors; unroutable: Unroutable } {
  const unroutable = createUnroutable()
  const clientErrors = createClientErrors(() => lines)
  const app = fastify({
    ...(logger === false ? { logger: false } : { loggerInstance: logger }),
    logController: new AccessLog(),
    childLoggerFactory: (parent, bindings, options) => new RequestLog(parent, bindings, options),
    genReqId: requestId,
    rewriteUrl: ({ url = '' }) => withoutAlias(url),
    trustProxy,
    bodyLimit: limits.bodyBytes ?? 1024 * 1024,
    requestTimeout: times.requestMs,
    connectionTimeout: times.idleMs,
    // A caller who comes in while closing is served: turning it away is the work of the readiness probe.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1024 },
    clientErrorHandler: clientErrors.answer,
    frameworkErrors: unroutable.answer,
    http: {
      headersTimeout: times.headersMs,
      connectionsCheckingInterval: times.checkMs,
      // A request without one is answered like other malformed ones.
      requireHostHeader: false,
    },
  })
  const lines = orderConnections(app, limits.lines ?? defaultLineBounds)
  return { app, clientErrors, unroutable }
}
