import type { Config, Secrets } from '../../config/settings.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import { version } from '../../process/version.ts'
import { createTracedAttempts, tracedEvidence } from '../../services/traces/traced-attempts.ts'
import { tracedDirectory } from '../../services/traces/traced-directory.ts'
import { tracedArchive } from '../../services/traces/traced-files.ts'
import { tracedSend } from '../../services/traces/traced-send.ts'
import { tracedStore } from '../../services/traces/traced-store.ts'
import type { Tracing } from '../../services/traces/tracing.ts'
import { wrapped } from '../stores.ts'
import type { Wrappers } from '../stores.ts'

/** What makes spans where the configuration asks for them; `opened` closes it. Its packages are loaded only then. */
export async function openTracing(
  opened: AsyncDisposableStack,
  { traces }: Config,
  { traceHeaders }: Secrets,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<Tracing | undefined> {
  if (traces === null) return undefined
  const { createOtlpTracer } = await import('../../observability/traces/otlp-tracer.ts')
  const settings = {
    ...traces,
    headers: traceHeaders,
    serviceVersion: version,
    honorsCallers: traces.callerSampling === 'honor',
  }
  const tracer = opened.adopt(createOtlpTracer(settings, { logger }), (each) => each.close())
  return { tracer, clock }
}

/** Stands between the gateway and its adapters and makes spans of what passes. Without traces nothing stands there. */
export function tracedWrappers(wrap: Wrappers, tracing: Tracing | undefined, { traces }: Config): Wrappers {
  if (tracing === undefined || traces === null) return wrap
  const attempts = createTracedAttempts()
  return {
    ...wrap,
    store: (store) => tracedStore(wrapped(store, wrap.store), tracing),
    evidence: (evidence) => tracedEvidence(wrapped(evidence, wrap.evidence), tracing, attempts),
    directory: (directory) => tracedDirectory(wrapped(directory, wrap.directory), tracing, attempts),
    send: (store) => (send) => tracedSend(send, tracing, { store, isTold: traces.toWebhooks }),
    archive: (archive) => tracedArchive(wrapped(archive, wrap.archive), tracing, attempts),
  }
}
