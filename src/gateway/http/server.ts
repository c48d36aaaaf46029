import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { guardAccess } from './guard-access.ts'
import { boundBodies, defaultBodyBounds } from './edge/body-budget.ts'
import { answerError } from './compat/answer-error.ts'
import { takeJsonOnly } from './bodies/json-body.ts'
import { allowOrigins } from './edge/cross-origin.ts'
import { boundConnections, connectionBounds } from './edge/connections.ts'
import { failureLimits } from './edge/failed-authentication.ts'
import { createHeartbeats } from './edge/heartbeats.ts'
import { createLifetimes } from './edge/lifetimes.ts'
import { createOpenSlots } from './edge/open-slots.ts'
import { timeRequests } from './edge/timed-requests.ts'
import { registerOpenApi } from './openapi.ts'
import { defaultPressure, shedLoad } from './edge/pressure.ts'
import { compressJson } from './answers/compress-json.ts'
import { checkRequestBody } from './bodies/request-body.ts'
import { refuseMalformedRequests } from './edge/malformed-requests.ts'
import { closePromptly } from './shutdown.ts'
import { traceRequests } from './edge/trace-requests.ts'
import { answerUnmatched } from './unmatched.ts'
import { validatorCompiler } from './requests/validation.ts'
import { defaultTimes } from './server-options.ts'
import type { ServerDeps } from './server-options.ts'
import { createApp } from './create-app.ts'
import { registerRoutes } from './register-routes.ts'

/** The HTTP edge over the services. It does not listen: the caller does, and closes it. */
export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const { limits } = deps
  const times = { ...defaultTimes, ...deps.times }
  const lifetimes = createLifetimes(deps.isValid)
  const { app, clientErrors, unroutable } = createApp(deps, times)
  app.withTypeProvider<ZodTypeProvider>().setValidatorCompiler(validatorCompiler)
  // What routes answer is typed by its schema and tested against it; it is not parsed again on every answer.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  app.setErrorHandler(answerError)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  if (deps.tracing !== undefined) traceRequests(app, deps.tracing)
  if (deps.onAnswered !== undefined) timeRequests(app, deps.onAnswered)
  await allowOrigins(app, deps.corsOrigins ?? [])
  compressJson(app)
  closePromptly(app, lifetimes, times)
  refuseMalformedRequests(app, clientErrors)
  const connections = limits.connections ?? connectionBounds(Infinity)
  const open = { perKey: limits.streamsPerKey ?? 100, overall: limits.streams ?? 10_000 }
  const streams = createOpenSlots(open, 'event streams')
  boundConnections(app, connections, streams)
  checkRequestBody(app)
  boundBodies(app, limits.bodies ?? defaultBodyBounds)
  takeJsonOnly(app)
  shedLoad(app, deps.pressure ?? defaultPressure())
  const publicUrl = deps.publicUrl ?? null
  const { check, signIn } = await guardAccess(app, {
    authenticate: deps.authenticate,
    eventTickets: deps.eventTickets,
    failures: deps.failures ?? failureLimits(connections.served),
    requestCounts: deps.requestCounts ?? null,
    onUnknownKeys: deps.onUnknownKeys,
    sessions: deps.sessions,
    publicUrl,
  })
  unroutable.checkWith(check)
  answerUnmatched(app)
  await registerOpenApi(app)

  const { heartbeatMs } = times
  const followed = { lifetimes, heartbeats: createHeartbeats(heartbeatMs), streams }
  await registerRoutes(app, deps, { followed, heartbeatMs, signIn })
  return app
}
