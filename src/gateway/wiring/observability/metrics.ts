import { readDatabaseBytes } from '../../storage/postgres/database-bytes.ts'
import type { Logger } from 'pino'
import type { Config } from '../../config/settings.ts'
import { otherValue } from '../../domain/observability/metric.ts'
import { createMetricsServer } from '../../http/metrics-server.ts'
import type { ServerDeps } from '../../http/server-options.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { version } from '../../process/version.ts'
import type { Keyring } from '../../services/accounts/authentication.ts'
import type { UpstreamGate } from '../../services/advance/upstream-gate.ts'
import { gaugeSources } from '../../services/observability/gauge-sources.ts'
import { measuredDirectory } from '../../services/observability/measured-directory.ts'
import {
  createEventCounts,
  measuredDeliveries,
  measuredQueue,
} from '../../services/observability/measured-store.ts'
import { createScrape } from '../../services/observability/scrape.ts'
import type { GaugeSource } from '../../services/observability/scrape.ts'
import type { OperationsService } from '../../services/operations/operations.ts'
import type { Database } from '../../storage/engine/database.ts'
import { createReadOperatingFigures } from '../../storage/ledger/read-operating-figures.ts'
import { wrapped } from '../stores.ts'
import type { Wrappers } from '../stores.ts'

/** What counts where the configuration asks for it. Its packages are loaded only then. */
export async function openMetrics({ metrics, upstreams }: Config): Promise<Metrics | undefined> {
  if (metrics === null) return undefined
  const { createPrometheus } = await import('../../observability/metrics/prometheus.ts')
  return createPrometheus({ version, upstreams: upstreams.map(({ spec }) => spec.id) })
}

/** Stands between the gateway and its adapters and measures what passes. Without metrics nothing stands there. */
export function measuredWrappers(wrap: Wrappers, metrics: Metrics | undefined): Wrappers {
  if (metrics === undefined) return wrap
  return {
    ...wrap,
    listeners: [createEventCounts(metrics)],
    store: (store) => measuredQueue(wrapped(store, wrap.store), metrics),
    deliveries: (store) => measuredDeliveries(wrapped(store, wrap.deliveries), metrics),
    directory: (directory) => measuredDirectory(wrapped(directory, wrap.directory), metrics),
  }
}

interface MetricsEdge {
  /** What the API's server needs. */
  edge: Pick<ServerDeps, 'scrape' | 'onAnswered'>
  /** Listens where metrics are served without a key, if the configuration names an address. */
  listen(): Promise<void>
}

/** What serves metrics over HTTP, and times requests; nothing without metrics. `opened` closes it. */
export async function openMetricsEdge(
  opened: AsyncDisposableStack,
  metrics: Metrics | undefined,
  deps: SourceParts,
): Promise<MetricsEdge> {
  if (metrics === undefined) return { edge: {}, listen: () => Promise.resolve() }
  const scrape = createScrape({ ...deps, metrics, sources: await sourcesOf(deps) })
  const address = deps.config.metrics?.listen ?? null
  const server = address && opened.adopt(createMetricsServer(scrape), (each) => each.close())
  return {
    edge: {
      scrape,
      onAnswered({ route, method, status, ms }) {
        metrics.record({
          name: 'understudy_http_request_duration_seconds',
          labels: { route: route ?? otherValue, method, status: `${Math.trunc(status / 100)}xx` },
          value: ms / 1000,
        })
      },
    },
    async listen() {
      if (server === null || address === null) return
      const url = await server.listen({ ...address })
      deps.logger.info({ address: `${url}/metrics` }, 'metrics are served')
    },
  }
}

interface SourceParts {
  /** Of the embedded database; null for a server. */
  file: string | null
  config: Config
  database: Database
  keyring: Keyring
  gate: UpstreamGate
  services: { operations: OperationsService }
  clock: Clock
  logger: Logger
}

async function sourcesOf(parts: SourceParts): Promise<GaugeSource[]> {
  const { config, keyring, services } = parts
  const sizes = await import('../../observability/metrics/read-storage-sizes.ts')
  const media = config.media.directory
  const budgets = () =>
    keyring
      .clients()
      .flatMap(({ tenant, key, monthlyBudgetMicros: micros }) =>
        micros === null ? [] : [{ tenant, key, micros }],
      )
  return gaugeSources({
    ...parts,
    ...services,
    figures: createReadOperatingFigures(parts.database),
    sizes:
      parts.file === null
        ? sizes.createReadServerSizes({ databaseBytes: () => readDatabaseBytes(parts.database), media })
        : sizes.createReadStorageSizes({ file: parts.file, media }),
    budgets,
  })
}
