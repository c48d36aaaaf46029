import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Config, Secrets } from './config/settings.ts'
import { clientKeys, upstreamSettings } from './configured.ts'
import { buildServer } from './http/server.ts'
import { loadLocalSecrets } from './local-secrets.ts'
import { createFileArchive } from './media/file-archive.ts'
import { createMediaLinks } from './media/links.ts'
import type { CharacterStore } from './ports/character-store.ts'
import type { Clock } from './ports/clock.ts'
import type { DeliveryStore } from './ports/delivery-store.ts'
import type { EventBus } from './ports/event-bus.ts'
import type { GenerationStore } from './ports/generation-store.ts'
import type { MediaArchive } from './ports/media-archive.ts'
import type { MediaLinks } from './ports/media-links.ts'
import type { RemoteMedia } from './ports/remote-media.ts'
import type { UpstreamDirectory } from './ports/upstream.ts'
import { createAdvanceGeneration } from './services/advance-generation.ts'
import type { AdvanceDeps } from './services/advance-generation.ts'
import { createAuthenticate } from './services/authentication.ts'
import { createBindCharacters } from './services/bind-characters.ts'
import { createCharacterService } from './services/character-service.ts'
import { createGenerationService } from './services/generation-service.ts'
import { createMediaIntake } from './services/media-intake.ts'
import { createMediaSources } from './services/media-sources.ts'
import { createOperationsService } from './services/operations-service.ts'
import { createPrepareCreate } from './services/prepare-create.ts'
import { LeaseLostError } from './services/run.ts'
import { tidyArchive } from './services/tidy-archive.ts'
import { createUpstreamGate } from './services/upstream-gate.ts'
import { createUsageService } from './services/usage-service.ts'
import { createCharacterStore } from './storage/character-store.ts'
import { openDatabase } from './storage/database.ts'
import { createEventBus } from './storage/event-bus.ts'
import { createGenerationStore } from './storage/generation-store.ts'
import { createIds, systemClock } from './system.ts'
import { createUpstreamDirectory } from './upstreams/directory.ts'
import { createRemoteMedia } from './upstreams/transport/guarded-fetch.ts'
import { openWebhooks } from './webhooks.ts'
import type { Webhooks } from './webhooks.ts'
import type { DeliveryLoop } from './workers/delivery-loop.ts'
import { Janitor } from './workers/janitor.ts'
import { LeaseLoop } from './workers/lease-loop.ts'

/** The whole gateway, wired and not yet doing anything. Disposing it lets work in hand finish and closes what it opened. */
export interface Container extends AsyncDisposable {
  server: FastifyInstance
  loop: LeaseLoop
  deliveries: DeliveryLoop
  /** Starts listening, and the workers where this process runs them; the address it listens on. */
  listen(): Promise<string>
  /** The key made for an installation that configures none; null otherwise. */
  generatedKey: string | null
  /** One round of housekeeping, which the workers do every few minutes. */
  tidy(): Promise<number>
}

const workConcurrency = 256
const dayMs = 24 * 3600_000
const stopGraceMs = 10_000
const callerFetchMs = 60_000
const guardedFetch = { maxRedirects: 5, connectMs: 5_000, headersMs: 30_000, bodyIdleMs: 15_000 }
const downloadMs = 15 * 60_000
const bodyBytes = 1024 * 1024

/** Stands between the gateway and an adapter, for tests that stop the world at a certain call. */
export interface Wrappers {
  store?: (store: GenerationStore) => GenerationStore
  characters?: (store: CharacterStore) => CharacterStore
  deliveries?: (store: DeliveryStore) => DeliveryStore
  archive?: (archive: MediaArchive) => MediaArchive
  directory?: (directory: UpstreamDirectory) => UpstreamDirectory
}

/** Wires the gateway from its configuration. Tests replace the clock and wrap the adapters they watch. */
export async function createContainer(
  config: Config,
  secrets: Secrets,
  options: { logger: Logger; clock?: Clock; wrap?: Wrappers },
): Promise<Container> {
  const { logger, clock = systemClock, wrap = {} } = options
  await using opened = new AsyncDisposableStack()
  const own = await loadLocalSecrets(dirname(config.storage.file))
  const generatedKey = config.builtins.key ? own.gatewayKey : null
  let address = ''
  const publicUrl = (): string => config.server.publicUrl ?? address

  const database = opened.use(await openDatabase({ file: config.storage.file }))
  const store = wrapped(createGenerationStore(database), wrap.store)
  const characters = wrapped(createCharacterStore(database), wrap.characters)
  // No other process shares an embedded database, so every lease left in it belongs to one that is gone.
  await store.releaseAll()
  await characters.releaseAll()

  const archive = opened.adopt(await createFileArchive({ directory: config.media.directory }), (each) =>
    each.close(),
  )
  const links = createMediaLinks({ secret: own.linkSecret, publicUrl })
  const remote = opened.adopt(
    createRemoteMedia({ ...guardedFetch, allowPrivateHosts: config.fetch.allowPrivateHosts }),
    (each) => each.close(),
  )
  const directory = opened.adopt(
    createUpstreamDirectory(upstreamSettings(config, secrets), { remoteMedia: remote, logger, clock }),
    (each) => each.close(),
  )
  const webhooks = opened.adopt(
    await openWebhooks({ config, secrets, own, database, store, clock, logger, wrap: wrap.deliveries }),
    (each) => each.close(),
  )
  const core = createCore({
    config,
    store,
    characters,
    archive: wrapped(archive, wrap.archive),
    links,
    remote,
    directory: wrapped(directory, wrap.directory),
    clock,
    logger,
    bus: webhooks.nudgedBy(createEventBus()),
    webhooks,
  })
  await core.gate.start()

  const server = await buildServer({
    ...core.services,
    intake: core.intake,
    authenticate: createAuthenticate(clientKeys(config, secrets, generatedKey)),
    logger,
    limits: { bodyBytes, uploadBytes: config.media.maxBytes },
  })
  const retentionMs = retentionMsOf(config)
  const tidy = (): Promise<number> => tidyArchive({ store, archive, clock, retentionMs })
  const janitor = new Janitor(tidy, logger)
  opened.defer(() => janitor.stop())
  opened.defer(() => core.loop.stop(stopGraceMs))
  opened.defer(() => server.close())

  const resources = opened.move()
  return {
    server,
    loop: core.loop,
    deliveries: webhooks.loop,
    generatedKey,
    tidy,
    async listen() {
      address = await server.listen({ host: config.server.host, port: config.server.port })
      const workers = config.server.role === 'api' ? [] : [core.loop, webhooks.loop, janitor]
      for (const worker of workers) worker.start()
      return address
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function wrapped<Adapter>(adapter: Adapter, wrapper: ((adapter: Adapter) => Adapter) | undefined): Adapter {
  return wrapper === undefined ? adapter : wrapper(adapter)
}

function retentionMsOf({ media: { retentionDays } }: Config): number | null {
  return retentionDays === null ? null : retentionDays * dayMs
}

interface Parts {
  config: Config
  store: GenerationStore
  characters: CharacterStore
  archive: MediaArchive
  links: MediaLinks
  remote: RemoteMedia
  directory: UpstreamDirectory
  clock: Clock
  logger: Logger
  bus: EventBus
  webhooks: Webhooks
}

function createCore(parts: Parts) {
  const { config, store, characters, archive, links, remote, directory, clock } = parts
  const shared = {
    ...parts,
    ids: createIds(clock),
    gate: createUpstreamGate({ directory, store, clock }),
    intake: createMediaIntake({
      archive,
      remote,
      ids: createIds(clock),
      maxBytes: config.media.maxBytes,
      fetchTimeoutMs: callerFetchMs,
    }),
    mediaSources: createMediaSources({ archive, links, clock }),
  }
  const { gate, intake } = shared
  const bindCharacters = createBindCharacters({ ...shared, generations: store })
  const loop = createLoop({
    ...shared,
    prepareCreate: createPrepareCreate({ bindCharacters, mediaSources: shared.mediaSources, characters }),
    unknownHoldMs: config.routing.unknownHoldMs,
    watchMs: config.routing.watchMs,
    maxBytes: config.media.maxBytes,
    downloadMs,
  })
  const services = {
    generations: createGenerationService({
      ...shared,
      defaults: config.routing,
      checkWebhook: parts.webhooks.checkWebhook,
      onWork: () => loop.nudge(),
    }),
    characters: createCharacterService({ ...shared, generations: store, bindCharacters }),
    usage: createUsageService(shared),
    operations: createOperationsService({
      ...shared,
      workersAlive: () => (config.server.role === 'api' ? null : loop.alive()),
    }),
    webhooks: parts.webhooks.service,
    receiveWebhook: parts.webhooks.receiver(() => loop.nudge()),
  }
  return { gate, intake, loop, services }
}

function createLoop(deps: AdvanceDeps): LeaseLoop {
  const { store, clock, logger } = deps
  return new LeaseLoop({
    store,
    clock,
    logger,
    owner: `${hostname()}-${process.pid}-${clock.now()}`,
    work: createAdvanceGeneration(deps),
    isLeaseLost: (error) => error instanceof LeaseLostError,
    concurrency: workConcurrency,
  })
}
