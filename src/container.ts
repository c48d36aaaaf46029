import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Config, Secrets } from './config/settings.ts'
import { clientKeys, upstreamSettings } from './configured.ts'
import { buildServer } from './http/server.ts'
import { loadLocalSecrets } from './local-secrets.ts'
import { createFileArchive } from './media/file-archive.ts'
import { createMediaLinks, createSheetLinks } from './media/links.ts'
import type { CharacterStore } from './ports/character-store.ts'
import type { Clock } from './ports/clock.ts'
import type { ComparisonStore } from './ports/comparison-store.ts'
import type { EventBus } from './ports/event-bus.ts'
import type { FrameGallery } from './ports/frame-gallery.ts'
import type { GenerationStore } from './ports/generation-store.ts'
import type { MediaArchive } from './ports/media-archive.ts'
import type { MediaLinks } from './ports/media-links.ts'
import type { RemoteMedia } from './ports/remote-media.ts'
import type { SheetLinks } from './ports/sheet-links.ts'
import type { UpstreamDirectory } from './ports/upstream.ts'
import { advanceComparisons } from './services/advance-comparisons.ts'
import { createAdvanceGeneration } from './services/advance-generation.ts'
import type { AdvanceDeps } from './services/advance-generation.ts'
import { createAuthenticate } from './services/authentication.ts'
import { createBindings } from './services/bind-characters.ts'
import type { Bindings } from './services/bind-characters.ts'
import { createCharacterService } from './services/character-service.ts'
import { createCharacterSources } from './services/character-sources.ts'
import { createComparisonService } from './services/comparison-service.ts'
import { createGenerationService } from './services/generation-service.ts'
import { createMediaIntake } from './services/media-intake.ts'
import { createMediaSources } from './services/media-sources.ts'
import { createOperationsService } from './services/operations-service.ts'
import { createPrepareCreate } from './services/prepare-create.ts'
import { LeaseLostError } from './services/run.ts'
import { createShareVideo } from './services/share-video.ts'
import { tidyArchive } from './services/tidy-archive.ts'
import { createUpstreamGate } from './services/upstream-gate.ts'
import { createUsageService } from './services/usage-service.ts'
import { createCharacterStore } from './storage/character-store.ts'
import { createComparisonStore } from './storage/comparison-store.ts'
import { openDatabase } from './storage/database.ts'
import { createEventBus } from './storage/event-bus.ts'
import { createGenerationStore } from './storage/generation-store.ts'
import { createIds, systemClock } from './system.ts'
import { createUpstreamDirectory } from './upstreams/directory.ts'
import { createRemoteMedia } from './upstreams/transport/guarded-fetch.ts'
import { Janitor } from './workers/janitor.ts'
import { LeaseLoop } from './workers/lease-loop.ts'

/** The whole gateway, wired and not yet doing anything. Disposing it lets work in hand finish and closes what it opened. */
export interface Container extends AsyncDisposable {
  server: FastifyInstance
  loop: LeaseLoop
  /** Starts listening, and the workers where this process runs them; the address it listens on. */
  listen(): Promise<string>
  /** The key made for an installation that configures none; null otherwise. */
  generatedKey: string | null
  /** One round of housekeeping, which the workers do every few minutes. */
  tidy(): Promise<number>
  /** One round of what is under way beside the generations, which the workers do every second; how much there was. */
  keepUp(): Promise<number>
}

const workConcurrency = 256
const dayMs = 24 * 3600_000
const stopGraceMs = 10_000
const tidyEveryMs = 10 * 60_000
const keepUpEveryMs = 1000
const callerFetchMs = 60_000
const guardedFetch = { maxRedirects: 5, connectMs: 5_000, headersMs: 30_000, bodyIdleMs: 15_000 }
const downloadMs = 15 * 60_000
const bodyBytes = 1024 * 1024

/** Stands between the gateway and an adapter, for tests that stop the world at a certain call. */
export interface Wrappers {
  store?: (store: GenerationStore) => GenerationStore
  characters?: (store: CharacterStore) => CharacterStore
  archive?: (archive: MediaArchive) => MediaArchive
  directory?: (directory: UpstreamDirectory) => UpstreamDirectory
  remote?: (remote: RemoteMedia) => RemoteMedia
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

  const archive = opened.adopt(await createFileArchive({ directory: config.media.directory }), (each) =>
    each.close(),
  )
  const linkOptions = { secret: own.linkSecret, publicUrl }
  const guarded = opened.adopt(createRemoteMedia({ ...guardedFetch, ...config.fetch }), (each) =>
    each.close(),
  )
  const remote = wrapped<RemoteMedia>(guarded, wrap.remote)
  const directory = opened.adopt(
    createUpstreamDirectory(upstreamSettings(config, secrets), { remoteMedia: remote, logger, clock }),
    (each) => each.close(),
  )
  const core = createCore({
    config,
    store,
    characters,
    archive: wrapped(archive, wrap.archive),
    links: createMediaLinks(linkOptions),
    sheetLinks: createSheetLinks(linkOptions),
    comparisons: createComparisonStore(database),
    gallery: archive.gallery,
    remote,
    directory: wrapped(directory, wrap.directory),
    clock,
    logger,
    bus: createEventBus(),
  })
  await recoverBindings(core.bindings, logger)
  await core.gate.start()

  const server = await buildServer({
    ...core.services,
    intake: core.intake,
    authenticate: createAuthenticate(clientKeys(config, secrets, generatedKey)),
    logger,
    limits: { bodyBytes, uploadBytes: config.media.maxBytes },
  })
  const retentionMs = config.media.retentionDays === null ? null : config.media.retentionDays * dayMs
  const tidy = (): Promise<number> => tidyArchive({ store, archive, clock, retentionMs })
  const janitors = [new Janitor(tidy, logger, tidyEveryMs), new Janitor(core.keepUp, logger, keepUpEveryMs)]
  for (const janitor of janitors) opened.defer(() => janitor.stop())
  opened.defer(() => core.loop.stop(stopGraceMs))
  opened.defer(() => server.close())

  const resources = opened.move()
  return {
    server,
    loop: core.loop,
    generatedKey,
    tidy,
    keepUp: core.keepUp,
    async listen() {
      address = await server.listen({ host: config.server.host, port: config.server.port })
      if (config.server.role !== 'api') {
        core.loop.start()
        for (const janitor of janitors) janitor.start()
      }
      return address
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** On a full disk this waits for the end of the dead claims, a few minutes, like after a kill of another node. */
async function recoverBindings(bindings: Bindings, logger: Logger): Promise<void> {
  await bindings.recover().catch((error: unknown) => {
    logger.warn({ err: error }, 'the character bindings of the process before could not be taken over yet')
  })
}

function wrapped<Adapter>(adapter: Adapter, wrapper: ((adapter: Adapter) => Adapter) | undefined): Adapter {
  return wrapper === undefined ? adapter : wrapper(adapter)
}

interface Parts {
  config: Config
  store: GenerationStore
  characters: CharacterStore
  archive: MediaArchive
  links: MediaLinks
  sheetLinks: SheetLinks
  comparisons: ComparisonStore
  gallery: FrameGallery
  remote: RemoteMedia
  directory: UpstreamDirectory
  clock: Clock
  logger: Logger
  bus: EventBus
}

function createCore(parts: Parts) {
  const { config, store, archive, links, remote, directory, clock } = parts
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
  const { unknownHoldMs } = config.routing
  const characterSources = createCharacterSources({ ...shared, generations: store })
  const bindings = createBindings({ ...shared, characterSources, unknownHoldMs })
  const loop = createLoop({
    ...shared,
    bindings,
    prepareCreate: createPrepareCreate({ ...shared, bindings, characterSources }),
    unknownHoldMs,
    watchMs: config.routing.watchMs,
    maxBytes: config.media.maxBytes,
    downloadMs,
  })
  const submitting = { ...shared, defaults: config.routing, onWork: () => loop.nudge() }
  const services = {
    generations: createGenerationService(submitting),
    comparisons: createComparisonService(submitting),
    characters: createCharacterService({ ...shared, generations: store, bindings, characterSources }),
    usage: createUsageService(shared),
    shareVideo: createShareVideo(shared),
    operations: createOperationsService({
      ...shared,
      workersAlive: () => (config.server.role === 'api' ? null : loop.alive()),
    }),
  }
  const keepUp = async (): Promise<number> =>
    (await bindings.advance()) + (await advanceComparisons(submitting))
  return { gate, intake, loop, bindings, services, keepUp }
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
