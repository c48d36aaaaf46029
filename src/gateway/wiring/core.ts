import type { Logger } from 'pino'
import type { Config, RoutingDefaults } from '../config/settings.ts'
import type { AuditLog } from '../ports/accounts/audit-log.ts'
import type { CharacterStore } from '../ports/characters/character-store.ts'
import type { Clock, Ids } from '../ports/clock.ts'
import type { ComparisonStore } from '../ports/characters/comparison-store.ts'
import type { EventBus } from '../ports/event-bus.ts'
import type { ExchangeStore } from '../ports/operations/exchange-store.ts'
import type { DownloadLinks } from '../ports/media/download-links.ts'
import type { FrameGallery } from '../ports/media/frame-gallery.ts'
import type { GenerationStorage } from '../ports/generations/generation-storage.ts'
import type { KeyAuthority } from '../ports/accounts/key-authority.ts'
import type { MediaArchive } from '../ports/media/media-archive.ts'
import type { MediaLinks } from '../ports/media/media-links.ts'
import type { RemoteMedia } from '../ports/media/remote-media.ts'
import type { HoldStore } from '../ports/operations/hold-store.ts'
import type { FindPlace, WorkPlace } from '../ports/generations/work-place.ts'
import type { Notices } from '../ports/notices.ts'
import type { MediaReferences } from '../ports/media/media-references.ts'
import { createMissingMedia } from '../services/restore/missing-media.ts'
import type { StatisticsStore } from '../ports/statistics/statistics-store.ts'
import type { SeriesStore } from '../ports/series/series-store.ts'
import type { Pause } from '../services/rounds.ts'
import type { VideoLinks } from '../ports/media/video-links.ts'
import type { SheetLinks } from '../ports/characters/sheet-links.ts'
import type { UpstreamDirectory } from '../ports/upstream.ts'
import { createAdvanceComparisons } from '../services/comparisons/advance-comparisons.ts'
import { createAttemptService } from '../services/operations/attempt-service.ts'
import type { ChangeFeed } from '../services/changes/change-feed.ts'
import { createChangeService } from '../services/changes/change-service.ts'
import { createBindings } from '../services/characters/bind-characters.ts'
import { createCharacterStills } from '../services/characters/character-stills.ts'
import { createCharacterService } from '../services/characters/character-service.ts'
import { createCharacterSources } from '../services/characters/character-sources.ts'
import { createComparisonService } from '../services/comparisons/comparison-service.ts'
import { createCatalogueService } from '../services/catalogue/catalogue-service.ts'
import { createEstimateService } from '../services/usage/estimate-service.ts'
import { createEvidence } from '../services/operations/evidence.ts'
import { createGenerationViews } from '../services/generations/generation-views.ts'
import { createNoteView } from '../services/operations/view-audit.ts'
import { createEstimatedStarts } from '../services/generations/estimated-starts.ts'
import { createGenerationService } from '../services/generations/generation-service.ts'
import type { Pauses } from '../services/operations/pauses.ts'
import type { Hold } from '../services/restore/hold.ts'
import { noteSetAside } from '../services/advance/note-set-aside.ts'
import { createMediaIntake } from '../services/media/media-intake.ts'
import { createMediaSources } from '../services/advance/media-sources.ts'
import type { OnceOnly } from '../services/once-only.ts'
import { createOperationsService } from '../services/operations/operations-service.ts'
import { createPrepareCreate } from '../services/advance/prepare-create.ts'
import { createRestoredJobs } from '../services/restore/restored-jobs.ts'
import { createAdvanceSeries } from '../services/series/advance-series.ts'
import { createSeriesService } from '../services/series/series-service.ts'
import { createSeriesResults } from '../services/series-results/series-results-service.ts'
import { createSignedAddresses } from '../services/generations/signed-addresses.ts'
import { createShareVideo } from '../services/generations/share-video.ts'
import { createUpstreamGate } from '../services/advance/upstream-gate.ts'
import { createStatisticsService } from '../services/statistics/statistics-service.ts'
import { createUsageService } from '../services/usage/usage-service.ts'
import type { Limits } from './limits.ts'
import { wrapped } from './stores.ts'
import type { Wrappers } from './stores.ts'
import type { Webhooks } from './webhooks.ts'
import type { GenerationLoop } from '../workers/generation-loop.ts'
import { createLoop } from './loop.ts'

const callerFetchMs = 60_000
const downloadMs = 15 * 60_000

interface CoreParts {
  runsWorkers: boolean
  config: Config
  /** What it says may change at any time. */
  routing: RoutingDefaults
  store: GenerationStorage
  characters: CharacterStore
  archive: MediaArchive
  links: MediaLinks
  videoLinks: VideoLinks
  sheetLinks: SheetLinks
  comparisons: ComparisonStore
  series: SeriesStore
  gallery: FrameGallery
  /** Null: the gateway serves all bytes. */
  downloads: DownloadLinks | null
  remote: RemoteMedia
  directory: UpstreamDirectory
  clock: Clock
  logger: Logger
  bus: EventBus
  feed: ChangeFeed
  audit: AuditLog
  exchanges: ExchangeStore
  authority: KeyAuthority
  ids: Ids
  hold: Hold
  pauses: Pauses
  holds: HoldStore
  references: MediaReferences
  webhooks: Webhooks
  onceOnly: OnceOnly
  statistics: StatisticsStore
  limits: Limits
  notices: Pick<Notices, 'work'>
  /** The owner of its leases. */
  nodeId: string
  /** How long attempts of removed generations are kept, in ms; null: forever. May change at any time. */
  attemptsKeptMs: () => number | null
  stepPause?: Pause | undefined
  wrapEvidence?: Wrappers['evidence'] | undefined
}

/** The use cases over the adapters, and the workers that move them on. */
export function createCore(parts: CoreParts) {
  const { config, routing, store, archive, links, remote, clock, ids, webhooks } = parts
  const halt = new AbortController()
  const gate = createUpstreamGate({ ...parts, ...parts.limits })
  const shared = {
    ...parts,
    stopping: halt.signal,
    gate,
    starts: createEstimatedStarts({ ...parts, gate }),
    intake: createMediaIntake({
      archive,
      remote,
      ids,
      maxBytes: config.media.maxBytes,
      fetchTimeoutMs: callerFetchMs,
    }),
    mediaSources: createMediaSources({ archive, links, clock }),
    evidence: wrapped(createEvidence(parts), parts.wrapEvidence),
    noteView: createNoteView(parts),
    restoredJobs: createRestoredJobs(parts),
    missingMedia: createMissingMedia(parts),
    stillsOf: createCharacterStills(parts),
  }
  const { intake } = shared
  const characterSources = createCharacterSources({ ...shared, generations: store })
  const bindings = createBindings({ ...shared, characterSources })
  const loop = createLoop({
    ...shared,
    bindings,
    prepareCreate: createPrepareCreate({ ...shared, bindings, characterSources }),
    maxBytes: config.media.maxBytes,
    downloadMs,
    halt,
    concurrency: config.workers.concurrency,
  })
  const nudge = (): void => loop.nudge()
  // Other nodes claim it where this one does not.
  const onWork = parts.runsWorkers ? nudge : () => parts.notices.work()
  const placeFor: FindPlace = parts.runsWorkers ? loop.placeFor : () => elsewhere(parts.notices)
  const submitting = { ...shared, defaults: routing, checkWebhook: webhooks.checkWebhook, onWork, placeFor }
  const generations = createGenerationService(submitting)
  const series = createSeriesService({ ...submitting, generations })
  const services = {
    generations,
    views: createGenerationViews(shared),
    series,
    seriesResults: createSeriesResults({ ...shared, series }),
    comparisons: createComparisonService({ ...submitting, generations }),
    characters: createCharacterService({ ...shared, generations: store, bindings, characterSources }),
    usage: createUsageService(shared),
    statistics: createStatisticsService(shared),
    shareVideo: createShareVideo(shared),
    addresses: createSignedAddresses({ ...shared, generations }),
    estimates: createEstimateService({ ...shared, defaults: routing }),
    catalogue: createCatalogueService({ gate, defaults: routing }),
    operations: createOperationsService({
      ...shared,
      onWork,
      workers: parts.runsWorkers ? workersOf(config, loop) : null,
    }),
    changes: createChangeService(shared),
    attempts: createAttemptService({ ...shared, onWork }),
    webhooks: webhooks.service,
    receiveWebhook: webhooks.receiver({ ...shared, onWork }),
  }
  const advanceComparisons = createAdvanceComparisons(submitting)
  const advanceSeries = createAdvanceSeries({ ...submitting, generations })
  const runUpkeep = async (): Promise<number> =>
    sumOf(
      await Promise.all([
        bindings.advance(),
        advanceComparisons.round(),
        advanceSeries.round(),
        shared.restoredJobs.round(),
        shared.missingMedia.round(),
      ]),
    )
  const noteCrash = () => noteCrashOf(parts, loop, [advanceComparisons, advanceSeries, bindings])
  return { gate, intake, loop, nudge, bindings, services, runUpkeep, noteCrash }
}

async function noteCrashOf(
  parts: CoreParts,
  loop: GenerationLoop,
  others: ReadonlyArray<{ noteCrash: () => Promise<void> }>,
): Promise<void> {
  const [aside] = await Promise.all([loop.noteCrash(), ...others.map((each) => each.noteCrash())])
  await noteSetAside(parts, aside)
}

/** For a generation that another process works on. */
function elsewhere(notices: Pick<Notices, 'work'>): WorkPlace {
  return {
    lease: undefined,
    async end(isStored) {
      if (isStored) notices.work()
    },
  }
}

/** What readiness asks about them. */
function workersOf({ workers }: Config, loop: GenerationLoop) {
  const { overdueMs: mostOverdueMs } = workers
  return { alive: () => loop.alive(), overdueMs: () => loop.overdueMs(), mostOverdueMs }
}

function sumOf(counts: number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
