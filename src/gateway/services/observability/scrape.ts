import type { MetricOf, Sample } from '../../domain/observability/metric-catalogue.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Metrics } from '../../ports/metrics.ts'

/** Where some gauges are read from when metrics are asked for. What it does not return has no value. */
export interface GaugeSource {
  name: string
  gauges: ReadonlyArray<MetricOf<'gauge'>>
  read(): Promise<Array<Sample<MetricOf<'gauge'>>>>
}

/** All figures as text, with gauges that are no older than ten seconds. */
export type Scrape = () => ReturnType<Metrics['page']>

/** Whoever asks more often gets the same figures, so that scraping cannot load the database. */
const freshMs = 10_000
/** Prometheus waits for ten seconds by default. */
const deadlineMs = 4000

export function createScrape(deps: {
  metrics: Metrics
  sources: readonly GaugeSource[]
  clock: Clock
  logger: Logger
}): Scrape {
  const refreshes = deps.sources.map((source) => createRefresh(source, deps))
  return async () => {
    await Promise.all(refreshes.map((refresh) => refresh()))
    return deps.metrics.page()
  }
}

/** At most one read at a time. One that is late goes on, and serves the next who asks; until then its gauges are not shown. */
function createRefresh(
  source: GaugeSource,
  { metrics, clock, logger }: { metrics: Metrics; clock: Clock; logger: Logger },
): () => Promise<void> {
  let readAt = -Infinity
  let pending: Promise<void> | null = null
  let isFailing = false

  function show(samples: Array<Sample<MetricOf<'gauge'>>> | null): void {
    for (const gauge of source.gauges)
      metrics.replace(gauge, samples?.filter(({ name }) => name === gauge) ?? null)
  }

  async function read(): Promise<void> {
    try {
      show(await source.read())
      readAt = clock.now()
      isFailing = false
    } catch (error) {
      show(null)
      if (!isFailing)
        logger.warn({ err: error, figures: source.name }, 'figures for metrics could not be read')
      isFailing = true
    } finally {
      pending = null
    }
  }

  return async () => {
    // The clock may have been set back.
    if (pending === null && Math.abs(clock.now() - readAt) < freshMs) return
    pending ??= read()
    if ((await inTime(pending)) === 'late') show(null)
  }
}

async function inTime(pending: Promise<void>): Promise<'read' | 'late'> {
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), deadlineMs)
  try {
    return await Promise.race([pending.then(() => 'read' as const), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
