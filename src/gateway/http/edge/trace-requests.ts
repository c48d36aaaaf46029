import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../ports/clock.ts'
import type { SpanPlace, Tracer } from '../../ports/tracer.ts'

/** Asked every few seconds by machines. */
const probes: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/metrics'])

/** A span for each request. Its name has the pattern of the route: paths carry media tokens. */
export function traceRequests(
  app: FastifyInstance,
  { tracer, clock }: { tracer: Tracer; clock: Clock },
): void {
  const open = new WeakMap<FastifyRequest, { place: SpanPlace; from: number }>()

  app.addHook('onRequest', (request, _reply, done) => {
    if (probes.has(request.routeOptions.url ?? '')) return done()
    const place = tracer.start(tracer.read(request.headers))
    open.set(request, { place, from: clock.now() })
    return tracer.within(place.context, done)
  })
  // What reads the body goes on in the context of the socket.
  app.addHook('preHandler', (request, _reply, done) => {
    const found = open.get(request)
    return found === undefined ? done() : tracer.within(found.place.context, done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const found = open.get(request)
    if (found !== undefined) {
      const route = request.routeOptions.url
      const { statusCode } = reply
      tracer.record({
        ...found.place,
        name: route === undefined ? request.method : `${request.method} ${route}`,
        kind: 'server',
        from: found.from,
        to: clock.now(),
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'http.response.status_code': statusCode,
          'url.scheme': request.protocol,
          'understudy.request_id': request.id,
        },
        error: statusCode >= 500 ? String(statusCode) : null,
      })
    }
    done()
  })
}
