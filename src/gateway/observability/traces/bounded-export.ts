import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Losses } from './losses.ts'

/** How long a span waits for others to go with it. */
const batchDelayMs = 1000
const largestBatch = 512

/**
 * Exports spans in batches, one batch at a time. At most `mostQueued` spans wait or are on their way; one more is dropped
 * and counted, like those of a batch that the collector does not take.
 */
export function createBoundedExport(
  exporter: SpanExporter,
  { mostQueued, timeoutMs, losses }: { mostQueued: number; timeoutMs: number; losses: Losses },
): SpanProcessor & { queued(): number } {
  let queued = 0
  const counted: SpanExporter = {
    export(spans, onResult) {
      const ended = (result: ExportResult): void => {
        queued -= spans.length
        if (result.code === ExportResultCode.SUCCESS) losses.exported()
        else losses.lost(spans.length, reasonOf(result.error))
        onResult(result)
      }
      exporter.export(spans, ended)
    },
    shutdown: () => exporter.shutdown(),
  }
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: mostQueued,
    maxExportBatchSize: Math.min(largestBatch, mostQueued),
    scheduledDelayMillis: batchDelayMs,
    // The exporter keeps its own deadline and says what became of the batch; this one would only hide that.
    exportTimeoutMillis: 2 * timeoutMs,
  })
  return {
    onStart: () => undefined,
    onEnd(span: ReadableSpan) {
      if (queued >= mostQueued) return losses.lost(1, 'queue_full')
      queued += 1
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
    queued: () => queued,
  }
}

/** The status or the code of an error. What a collector answers stays out of the log. */
function reasonOf(error: Error | undefined): string {
  if (error === undefined) return 'failed'
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'number') return `status ${code}`
  return typeof code === 'string' ? code : error.name
}
