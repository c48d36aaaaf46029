import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createAccounts } from './accounts/accounts.ts'
import type { Accounts } from './accounts/accounts.ts'
import type { Config, Secrets } from '../config/settings.ts'
import { createCore } from './core.ts'
import { buildServer } from '../http/server.ts'
import { edgeOf } from './edge.ts'
import { followFleet, openBus } from './fleet.ts'
import { openNodes } from './nodes.ts'
import type { openArchive } from './open-archive.ts'
import { openData } from './open-data.ts'
import { createMediaLinks } from '../media/archive/media-links.ts'
import { createVideoLinks } from '../media/archive/video-links.ts'
import { createSheetLinks } from '../media/archive/sheet-links.ts'
import { wrapped } from './stores.ts'
import { measuredWrappers, openMetrics, openMetricsEdge } from './observability/metrics.ts'
import { openTracing, tracedWrappers } from './observability/traces.ts'
import type { Wrappers } from './stores.ts'
import { createHousekeeping } from './housekeeping.ts'
import type { ReloadableDirectory } from '../upstreams/upstream-directory.ts'
import { begin, upkeepOf } from './upkeep.ts'
import { openUpstreams } from './upstreams.ts'
import type { Clock } from '../ports/clock.ts'
import { createPauses } from '../services/operations/pauses.ts'
import type { Pauses } from '../services/operations/pauses.ts'
import { createHold } from '../services/restore/hold.ts'
import type { Hold } from '../services/restore/hold.ts'
import { createOnceOnly } from '../services/once-only.ts'
import type { Pause } from '../services/rounds.ts'
import { inForce, reload } from './reload.ts'
import type { Reload, Settings } from './reload.ts'
import type { Migrations } from '../storage/postgres/schema-compatibility.ts'
import { createIds } from '../process/ids.ts'
import { systemClock } from '../process/system-clock.ts'
import { openWebhooks } from './webhooks.ts'
import type { DeliveryLoop } from '../workers/delivery-loop.ts'
import type { GenerationLoop } from '../workers/generation-loop.ts'

/** The whole gateway, wired and not yet doing anything. Disposing it lets work in hand finish and closes what it opened. */
export interface Container extends AsyncDisposable {
  server: FastifyInstance
  loop: GenerationLoop
  deliveries: DeliveryLoop
  /** Starts listening, and the workers where this process runs them; the address it listens on. */
  listen(): Promise<string>
  /** The key made for an installation that configures none; null otherwise. */
  generatedKey: string | null
  /** The key that administers, once it listens, at the one start that made it; null else. It is kept as a hash only. */
  readonly adminKey: string | null
  /** What signs in once with the generated key, within five minutes; null where there is none. */
  issueTicket(): string | null
  /** Puts another configuration in force, all of it or nothing. */
  reload(next: Settings): Reload
  /** One round of housekeeping, which the workers do every few minutes. */
  removeExpired(): Promise<number>
  /** One run of the search for files that no record names; 0 when a pass is over. The workers do it once a day. */
  sweep(): Promise<number>
  /** One round of what is under way beside the generations, which the workers do every second; how much there was. */
  runUpkeep(): Promise<number>
  /** One batch of ending what was not sent of keys that are over, which the workers do at once; 0 when nothing is left. */
  endUnsent(): Promise<number>
  /** To be called when an uncaught error ends the process: counts it against what is in hand. */
  crashed(): Promise<void>
}

const stopGraceMs = 10_000
export interface ContainerOptions {
  logger: Logger
  clock?: Clock
  monotonic?: () => number
  /** How the end of a step of a comparison or series is waited for. */
  stepPause?: Pause
  wrap?: Wrappers
  /** Those of PostgreSQL in another release, for the tests of an upgrade. */
  migrations?: Migrations
  /** Whoever made it runs the rounds of the workers: none is started. */
  stepped?: boolean
  /** The data is a copy that is not marked as one: nothing is sent before it is released. */
  restored?: boolean
  /** What is shown of the configuration. */
  loaded?: Pick<Settings, 'shown' | 'fileName'>
}

/** Wires the gateway from its configuration. Tests replace the clock and wrap the adapters they watch. */
export async function createContainer(
  config: Config,
  secrets: Secrets,
  options: ContainerOptions,
): Promise<Container> {
  const { logger, clock = systemClock } = options
  await using opened = new AsyncDisposableStack()
  const tracing = await openTracing(opened, config, secrets, { clock, logger })
  const metrics = await openMetrics(config)
  const wrap = measuredWrappers(tracedWrappers(options.wrap ?? {}, tracing, config), metrics)
  let address = ''
  const listensOn = () => address
  let adminKey: string | null = null
  const settings = inForce({ config, secrets, ...options.loaded }, clock.now())
  const tools = toolsOf(config, { ...options, clock })
  const { stores, archive, own } = await openData(opened, { config, secrets }, { ...options, ...tools, wrap })
  const reaching = { ...stores, ...tools, own, routing: settings.routing, tracing, wrap: wrap.remote }
  const { remote, directory } = openUpstreams(opened, config, secrets, reaching)
  const onceOnly = createOnceOnly({ ...stores, clock })
  const webhooks = opened.adopt(
    await openWebhooks({ ...stores, ...tools, onceOnly, settings, own, wrap }),
    (each) => each.close(),
  )
  const accounts = await createAccounts({ ...stores, ...tools, onceOnly, own, settings })
  opened.defer(() => accounts.useWriter.stop())
  const hold = await createHold({ ...stores, ...tools }, options.restored === true)
  const pauses = await createPauses({ ...stores, ...tools })
  const bus = webhooks.nudgedBy(openBus(opened, { ...stores, logger }))
  const { limits, nodes, heart } = openNodes(opened, { ...stores, ...tools, settings, listensOn })
  const shared = { ...stores, ...tools, limits, hold, pauses, bus, authority: accounts.authority }
  const core = createCore({
    ...shared,
    onceOnly,
    config,
    routing: settings.routing,
    attemptsKeptMs: () => settings.current.config.retention.attempts,
    ...mediaOf(archive, wrap),
    wrapEvidence: wrap.evidence,
    stepPause: options.stepPause,
    ...linksOf({ secret: own.linkSecret, publicUrl: () => config.server.publicUrl ?? address }),
    remote,
    directory: wrapped(directory, wrap.directory),
    webhooks,
  })
  const runUpkeep = upkeepOf({ ...shared, ...core, ...options, clock })
  await begin(core, shared)

  const measured = await openMetricsEdge(opened, metrics, { config, ...shared, ...core, ...accounts })
  const edge = { ...edgeOf(settings), ...measured.edge, ...limits, nodes, logger, tracing }
  const server = await buildServer({ ...core.services, ...accounts, intake: core.intake, ...edge })
  const kept = { ...shared, ...limits, archive, directory, settings, runUpkeep }
  const housekeeping = createHousekeeping({ ...kept, gate: core.gate, keyring: accounts.keyring })
  for (const janitor of housekeeping.janitors) opened.defer(() => janitor.stop())
  opened.defer(() => stop(server, core.loop, webhooks.loop, archive))
  const fleet = followFleet(opened, { ...shared, onWork: core.nudge, readAgain: copiesOf(kept, accounts) })

  const resources = opened.move()
  return {
    server,
    loop: core.loop,
    deliveries: webhooks.loop,
    generatedKey: accounts.generatedKey,
    get adminKey() {
      return adminKey
    },
    ...housekeeping.rounds,
    issueTicket: accounts.issueTicket,
    crashed: () => core.noteCrash(),
    async listen() {
      await measured.listen()
      address = await server.listen({ host: config.server.host, port: config.server.port })
      const workers = tools.runsWorkers ? [core.loop, webhooks.loop, ...housekeeping.janitors] : []
      adminKey = await startWork(config, accounts, [heart, fleet, ...workers])
      return address
    },
    reload: (next) => accounts.noted(reload(settings, next, { directory, accounts, metrics, clock })),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function toolsOf(config: Config, options: ContainerOptions & { clock: Clock }) {
  const { clock, logger } = options
  return {
    // One generator for all IDs, so that IDs created within the same millisecond sort by creation.
    ids: createIds(clock),
    /** Also who holds a lease: no two processes, ever, have the same. */
    nodeId: `${hostname()}-${process.pid}-${clock.now()}-${randomUUID().slice(0, 8)}`,
    clock,
    logger,
    runsWorkers: runsWorkers(config, options),
  }
}

function runsWorkers({ server }: Config, { stepped = false }: ContainerOptions): boolean {
  return !stepped && server.role !== 'api'
}

/** Once it listens: a failed start shows nothing, and a key made before would be lost. The key that administers, if made. */
async function startWork(
  { server: { role } }: Config,
  { keys, useWriter }: Pick<Accounts, 'keys' | 'useWriter'>,
  workers: ReadonlyArray<{ start(): void }>,
): Promise<string | null> {
  const adminKey = role === 'worker' ? null : await keys.ensureAdmin()
  useWriter.start()
  for (const worker of workers) worker.start()
  return adminKey
}

function copiesOf(
  { pauses, hold, directory }: { pauses: Pauses; hold: Hold; directory: ReloadableDirectory },
  accounts: Accounts,
) {
  return {
    ...accounts.readAgain,
    pauses: pauses.readAgain,
    hold: hold.readAgain,
    breakers: directory.followBreakers,
  }
}

function mediaOf(archive: Awaited<ReturnType<typeof openArchive>>, wrap: Wrappers) {
  const { gallery, downloads } = archive
  return { archive: wrapped(archive, wrap.archive), gallery, downloads }
}

function linksOf(linking: Parameters<typeof createMediaLinks>[0]) {
  return {
    links: createMediaLinks(linking),
    videoLinks: createVideoLinks(linking),
    sheetLinks: createSheetLinks(linking),
  }
}

/**
 * First, nothing new is sent. Then requests and work are drained in parallel for at most ten seconds, so that the process
 * ends within its limit of 20 seconds whatever callers and vendors do. Webhooks take up to five seconds after that. What still
 * waits for a bucket that hangs then has its end, because the cleanup tasks are waited for.
 */
async function stop(
  server: FastifyInstance,
  loop: GenerationLoop,
  deliveries: DeliveryLoop,
  archive: { close(): void },
): Promise<void> {
  deliveries.stopClaiming()
  loop.stopClaiming()
  await Promise.all([server.close(), loop.stop(stopGraceMs)])
  archive.close()
}
