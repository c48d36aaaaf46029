import multipart from '@fastify/multipart'
import { mostReferences } from '../domain/inputs/request-inputs.ts'
import type { FastifyInstance } from 'fastify'
import type { SignIn } from './console/sign-in.ts'
import { compatSurface } from './compat/surface.ts'
import { consolePages } from './console/console-pages.ts'
import { createOpenSlots } from './edge/open-slots.ts'
import type { LogStreams } from './answers/log-stream.ts'
import { actOnGenerationsRoutes } from './routes/generations/act-on-generations.ts'
import { attemptsRoutes } from './routes/operations/attempts.ts'
import { auditRoutes } from './routes/accounts/audit.ts'
import { changeKeysRoutes } from './routes/accounts/change-keys.ts'
import { characterBindingsRoutes } from './routes/characters/character-bindings.ts'
import { characterMediaRoutes } from './routes/characters/character-media.ts'
import { charactersRoutes } from './routes/characters/characters.ts'
import { characterUsageRoutes } from './routes/characters/character-usage.ts'
import { comparisonRoutes } from './routes/comparisons/comparison-routes.ts'
import { characterStillsRoutes } from './routes/characters/character-stills.ts'
import { nodesRoutes } from './routes/operations/nodes.ts'
import { configurationRoutes } from './routes/operations/configuration.ts'
import { createCharacterRoute } from './routes/characters/create-character.ts'
import { deliveriesRoutes } from './routes/webhooks/deliveries.ts'
import { failingDeliveriesRoutes } from './routes/webhooks/failing-deliveries.ts'
import { eventTicketsRoutes } from './routes/operations/event-tickets.ts'
import { changesRoutes } from './routes/operations/changes.ts'
import { estimatesRoutes } from './routes/generations/estimates.ts'
import { generateRoutes } from './routes/generations/generate.ts'
import { generationEventsRoutes } from './routes/generations/generation-events.ts'
import { generationMediaRoutes } from './routes/generations/generation-media.ts'
import { listGenerationsRoutes } from './routes/generations/list-generations.ts'
import { generationsRoutes } from './routes/generations/generations.ts'
import { healthRoutes } from './routes/operations/health.ts'
import { keySecretsRoutes } from './routes/accounts/key-secrets.ts'
import { keysRoutes } from './routes/accounts/keys.ts'
import { metricsRoutes } from './routes/operations/metrics.ts'
import { modelsRoutes } from './routes/catalogue/models.ts'
import { mediaRoutes } from './routes/generations/media.ts'
import { problemsRoutes } from './routes/catalogue/problems.ts'
import { openApiRoutes } from './routes/operations/openapi.ts'
import { pausesRoutes } from './routes/operations/pauses.ts'
import { steerUpstreamsRoutes } from './routes/operations/steer-upstreams.ts'
import { operationsRoutes } from './routes/operations/operations.ts'
import { seriesRoutes } from './routes/series/series.ts'
import { seriesResultsRoutes } from './routes/series/series-results.ts'
import { sessionRoutes } from './routes/console/session.ts'
import { sessionsRoutes } from './routes/console/sessions.ts'
import { statisticsRoutes } from './routes/operations/statistics.ts'
import { upstreamsRoutes } from './routes/operations/upstreams.ts'
import { tenantsRoutes } from './routes/accounts/tenants.ts'
import { usageRoutes } from './routes/accounts/get-usage.ts'
import { vendorWebhookRoutes } from './routes/webhooks/vendor-webhooks.ts'
import { webhookSecretsRoutes } from './routes/webhooks/webhook-secrets.ts'
import type { ServerDeps } from './server-options.ts'

interface Edge {
  followed: LogStreams
  heartbeatMs: number
  signIn: SignIn
}

/** Every route of the API and of the compatible surfaces. */
export async function registerRoutes(
  app: FastifyInstance,
  deps: ServerDeps,
  { followed, heartbeatMs, signIn }: Edge,
): Promise<void> {
  const {
    generations,
    views,
    characters,
    comparisons,
    series,
    seriesResults,
    changes,
    operations,
    usage,
    statistics,
    estimates,
    catalogue,
    keys,
    tenants,
    audit,
    sessions,
    webhooks,
    attempts,
    receiveWebhook,
    addresses,
    limits,
  } = deps
  await registerForms(app, deps)
  await app.register(compatSurface, { ...deps, uploadBytes: limits.uploadBytes })
  const bounds = { perKey: limits.waitsPerKey ?? 1000, overall: limits.waits ?? 4000 }
  const waits = createOpenSlots(bounds, 'waiting calls')
  const reads = { addresses, lifetimes: followed.lifetimes, waits }
  await app.register(generationsRoutes, { generations, views, ...reads })
  await app.register(listGenerationsRoutes, { views, addresses })
  await app.register(actOnGenerationsRoutes, { generations, addresses })
  await app.register(generationEventsRoutes, { generations, views, ...followed })
  await app.register(generationMediaRoutes, { generations, views })
  await app.register(charactersRoutes, { characters })
  await app.register(characterBindingsRoutes, { characters })
  await app.register(characterUsageRoutes, { characters })
  await app.register(characterMediaRoutes, { characters })
  await app.register(comparisonRoutes, { comparisons })
  await app.register(seriesRoutes, { series, addresses, ...followed })
  await app.register(seriesResultsRoutes, { seriesResults })
  await app.register(modelsRoutes, { catalogue })
  await app.register(upstreamsRoutes, { operations })
  await app.register(statisticsRoutes, { statistics })
  await app.register(usageRoutes, { usage })
  await app.register(estimatesRoutes, { estimates })
  await app.register(keysRoutes, { keys })
  await app.register(changeKeysRoutes, { keys })
  await app.register(keySecretsRoutes, { keys })
  await app.register(tenantsRoutes, { tenants })
  await app.register(auditRoutes, { audit })
  await app.register(sessionRoutes, { sessions, signIn, publicUrl: deps.publicUrl ?? null })
  await app.register(sessionsRoutes, { sessions })
  await app.register(configurationRoutes, { configuration: deps.configuration })
  await app.register(nodesRoutes, { nodes: deps.nodes })
  await app.register(attemptsRoutes, { attempts })
  await app.register(deliveriesRoutes, { webhooks, views })
  await app.register(failingDeliveriesRoutes, { webhooks })
  await app.register(webhookSecretsRoutes, { webhooks })
  await app.register(vendorWebhookRoutes, { receiveWebhook })
  await app.register(mediaRoutes, { operations, addresses })
  await app.register(healthRoutes, { operations })
  await app.register(metricsRoutes, { scrape: deps.scrape })
  await app.register(eventTicketsRoutes, deps)
  await app.register(changesRoutes, { changes, heartbeatMs, ...followed })
  await app.register(operationsRoutes, { operations })
  await app.register(pausesRoutes, { operations })
  await app.register(steerUpstreamsRoutes, { operations })
  await app.register(openApiRoutes)
  await app.register(problemsRoutes)
  await app.register(consolePages, { console: deps.console })
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
    await forms.register(characterStillsRoutes, { characters, intake })
  })
}
