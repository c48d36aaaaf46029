import multipart from '@fastify/multipart'
import { mostReferences } from '../domain/inputs/request-inputs.ts'
import { fastify } from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { AttemptService } from '../services/operations/attempts.ts'
import type { AuditService } from '../services/accounts/audit.ts'
import type { CharacterService } from '../services/characters/characters.ts'
import type { EstimateService } from '../services/usage/estimates.ts'
import type { ComparisonService } from '../services/comparisons/comparisons.ts'
import type { GenerationService } from '../services/generations/generations.ts'
import type { SeriesService } from '../services/series/series.ts'
import type { KeyService } from '../services/accounts/keys.ts'
import type { MediaIntake } from '../services/media/media-intake.ts'
import type { ShareVideo } from '../services/generations/share-video.ts'
import type { Authenticate, IsValid, OperationsService } from '../services/operations/operations.ts'
import type { UsageService } from '../services/usage/usage.ts'
import type { ReceiveWebhook } from '../services/webhooks/vendor-webhooks.ts'
import type { WebhookService } from '../services/webhooks/webhooks.ts'
import { guardAccess } from './access.ts'
import { AccessLog } from './access-log.ts'
import { createClientErrors } from './edge/client-error.ts'
import type { ClientErrors } from './edge/client-error.ts'
import { withoutAlias } from './compat/alias.ts'
import { boundBodies, defaultBodyBounds } from './edge/body-budget.ts'
import type { BodyBounds } from './edge/body-budget.ts'
import { compatSurface } from './compat/surface.ts'
import { answerError } from './compat/answer-error.ts'
import { takeJsonOnly } from './bodies/json-body.ts'
import { defaultLineBounds, orderConnections } from './edge/pipeline-limit.ts'
import type { LineBounds } from './edge/pipeline-limit.ts'
import { boundConnections, connectionBounds } from './edge/connections.ts'
import type { ConnectionBounds } from './edge/connections.ts'
import { failureLimits } from './edge/failed-authentication.ts'
import type { FailureRules } from './edge/failed-authentication.ts'
import { createLifetimes } from './edge/lifetimes.ts'
import { registerOpenApi } from './openapi.ts'
import { createPlaces } from './edge/open-streams.ts'
import { defaultPressure, shedLoad } from './edge/pressure.ts'
import type { Pressure } from './edge/pressure.ts'
import { checkRequestBody } from './bodies/request-body.ts'
import { requestId } from './request-id.ts'
import { attemptsRoutes } from './routes/operations/attempts.ts'
import { auditRoutes } from './routes/accounts/audit.ts'
import { characterBindingsRoutes } from './routes/characters/character-bindings.ts'
import { characterMediaRoutes } from './routes/characters/character-media.ts'
import { charactersRoutes } from './routes/characters/characters.ts'
import { comparisonRoutes } from './routes/comparisons/comparison-routes.ts'
import { createCharacterRoute } from './routes/characters/create-character.ts'
import { deliveriesRoutes } from './routes/webhooks/deliveries.ts'
import { estimatesRoutes } from './routes/generations/estimates.ts'
import { generateRoutes } from './routes/generations/generate.ts'
import { generationEventsRoutes } from './routes/generations/generation-events.ts'
import { generationMediaRoutes } from './routes/generations/generation-media.ts'
import { generationsRoutes } from './routes/generations/generations.ts'
import { healthRoutes } from './routes/operations/health.ts'
import { keySecretsRoutes } from './routes/accounts/key-secrets.ts'
import { keysRoutes } from './routes/accounts/keys.ts'
import { mediaRoutes } from './routes/generations/media.ts'
import { openApiRoutes } from './routes/operations/openapi.ts'
import { operationsRoutes } from './routes/operations/operations.ts'
import { seriesRoutes } from './routes/series/series.ts'
import { upstreamsRoutes } from './routes/operations/upstreams.ts'
import { usageRoutes } from './routes/accounts/usage.ts'
import { refuseMalformedRequests } from './edge/malformed-requests.ts'
import { vendorWebhookRoutes } from './routes/webhooks/vendor-webhooks.ts'
import { webhookSecretsRoutes } from './routes/webhooks/webhook-secrets.ts'
import { closePromptly } from './shutdown.ts'
import type { CutTimes } from './shutdown.ts'
import { answerUnmatched } from './unmatched.ts'
import { createUnroutable } from './unroutable.ts'
import type { Unroutable } from './unroutable.ts'
import { validatorCompiler } from './requests/validation.ts'

export interface ServerTimes extends CutTimes {
  /** From the first byte of a request to the end of its headers, and to the end of its body. */
  headersMs: number
  requestMs: number
  /** Without a byte in either direction; more than the longest wait of a call (a URL to fetch, a binding to make). */
  idleMs: number
  /** How often Node looks for late requests. */
  checkMs: number
  heartbeatMs: number
}

const defaultTimes: ServerTimes = {
  headersMs: 15_000,
  requestMs: 600_000,
  idleMs: 300_000,
  checkMs: 5_000,
  heartbeatMs: 15_000,
  cutMs: 10_000,
  unreadMs: 3000,
}

export interface ServerLimits {
  bodyBytes?: number
  uploadBytes: number
  /** Connections at once, of all callers together. */
  connections?: ConnectionBounds
  lines?: LineBounds
  /** Event streams at once: of one key, and of all. */
  streamsPerKey?: number
  streams?: number
  /** Calls that wait for a generation, likewise. */
  waitsPerKey?: number
  waits?: number
  bodies?: BodyBounds
}

export interface ServerDeps {
  generations: GenerationService
  characters: CharacterService
  comparisons: ComparisonService
  series: SeriesService
  operations: OperationsService
  attempts: AttemptService
  usage: UsageService
  estimates: EstimateService
  keys: KeyService
  audit: AuditService
  intake: MediaIntake
  shareVideo: ShareVideo
  authenticate: Authenticate
  isValid: IsValid
  failures?: FailureRules
  onUnknownKeys: (address: string) => void
  receiveWebhook: ReceiveWebhook
  webhooks: WebhookService
  logger: FastifyBaseLogger | false
  limits: ServerLimits
  times?: Partial<ServerTimes>
  pressure?: Pressure
  /** As Fastify's: whose `x-forwarded-…` to believe. */
  trustProxy?: boolean | string | string[]
}

function createApp(
  { logger, limits, trustProxy = false }: ServerDeps,
  times: ServerTimes,
): { app: FastifyInstance; clientErrors: ClientErrors; unroutable: Unroutable } {
  const unroutable = createUnroutable()
  const clientErrors = createClientErrors(() => lines)
  const app = fastify({
    ...(logger === false ? { logger: false } : { loggerInstance: logger }),
    logController: new AccessLog(),
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

/** Routes whose bodies may be forms. One byte more than the limit lets through what shows that a file is too large. */
async function registerForms(app: FastifyInstance, deps: ServerDeps): Promise<void> {
  const { generations, characters, intake, limits } = deps
  await app.register(async (forms) => {
    await forms.register(multipart, {
      throwFileSizeLimit: false,
      limits: {
        fileSize: limits.uploadBytes + 1,
        fieldSize: 256 * 1024,
        // A reference, two frames and the files of the references; one more shows that there are too many.
        files: 4 + mostReferences,
        fields: 48,
        parts: 52 + mostReferences,
        headerPairs: 16,
      },
    })
    await forms.register(generateRoutes, { generations, intake })
    await forms.register(createCharacterRoute, { characters, intake })
  })
}

/** The HTTP edge over the services. It does not listen: the caller does, and closes it. */
export async function buildServer(deps: ServerDeps): Promise<FastifyInstance> {
  const {
    generations,
    characters,
    comparisons,
    series,
    operations,
    usage,
    estimates,
    keys,
    audit,
    webhooks,
    limits,
  } = deps
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
  closePromptly(app, lifetimes, times)
  refuseMalformedRequests(app, clientErrors)
  const connections = limits.connections ?? connectionBounds(Infinity)
  boundConnections(app, connections)
  checkRequestBody(app)
  boundBodies(app, limits.bodies ?? defaultBodyBounds)
  takeJsonOnly(app)
  shedLoad(app, deps.pressure ?? defaultPressure())
  const check = await guardAccess(app, {
    authenticate: deps.authenticate,
    failures: deps.failures ?? failureLimits(connections.served),
    onUnknownKeys: deps.onUnknownKeys,
  })
  unroutable.checkWith(check)
  answerUnmatched(app)
  await registerOpenApi(app)

  await registerForms(app, deps)
  await app.register(compatSurface, { ...deps, uploadBytes: limits.uploadBytes })
  const { heartbeatMs } = times
  const streams = { perKey: limits.streamsPerKey ?? 100, overall: limits.streams ?? 2000 }
  const bounds = { perKey: limits.waitsPerKey ?? 1000, overall: limits.waits ?? 4000 }
  const waits = createPlaces(bounds, 'waiting calls')
  await app.register(generationsRoutes, { generations, lifetimes, waits })
  await app.register(generationEventsRoutes, { generations, lifetimes, heartbeatMs, streams })
  await app.register(generationMediaRoutes, { generations })
  await app.register(charactersRoutes, { characters })
  await app.register(characterBindingsRoutes, { characters })
  await app.register(characterMediaRoutes, { characters })
  await app.register(comparisonRoutes, { comparisons })
  await app.register(seriesRoutes, { series })
  await app.register(upstreamsRoutes, { operations })
  await app.register(usageRoutes, { usage })
  await app.register(estimatesRoutes, { estimates })
  await app.register(keysRoutes, { keys })
  await app.register(keySecretsRoutes, { keys })
  await app.register(auditRoutes, { audit })
  await app.register(attemptsRoutes, { attempts: deps.attempts })
  await app.register(deliveriesRoutes, { webhooks })
  await app.register(webhookSecretsRoutes, { webhooks })
  await app.register(vendorWebhookRoutes, { receiveWebhook: deps.receiveWebhook })
  await app.register(mediaRoutes, { operations })
  await app.register(healthRoutes, { operations })
  await app.register(operationsRoutes, { operations })
  await app.register(openApiRoutes)
  return app
}
