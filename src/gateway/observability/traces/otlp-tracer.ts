import { AsyncLocalStorage } from 'node:async_hooks'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import type { Link, SpanContext } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  RandomIdGenerator,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { traceHeaders } from '../../domain/observability/trace.ts'
import type { TraceContext } from '../../domain/observability/trace.ts'
import type { Logger } from '../../ports/logger.ts'
import type { EndedSpan, SpanPlace, Tracer } from '../../ports/tracer.ts'
import { createBoundedExport } from './bounded-export.ts'
import { createLosses } from './losses.ts'
import { derivedSpanId, isSampled, readTraceHeaders, spanContextOf, traceContextOf } from './trace-context.ts'

export interface TracerSettings {
  /** The whole URL that spans are posted to. */
  url: string
  headers: Readonly<Record<string, string>>
  serviceName: string
  serviceVersion: string
  /** Of traces that begin here: 0-1. */
  sampleRatio: number
  /** Whether a caller's decision to keep its trace holds here. */
  honorsCallers: boolean
  /** For one batch, with its repeats. */
  timeoutMs: number
  mostQueued: number
}

/** Within the limit of 20 seconds in which the process ends, after work and webhooks. */
const closeMs = 2000
/** In characters. IDs of vendors and of requests come from outside. */
const longestValue = 256
const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT }

/** Exports spans by OTLP over HTTP, as JSON. Spans are made when they end: they outlive processes. */
export function createOtlpTracer(settings: TracerSettings, { logger }: { logger: Logger }): Tracer {
  const losses = createLosses(logger)
  const random = new RandomIdGenerator()
  const sampler = new TraceIdRatioBasedSampler(settings.sampleRatio)
  const { record, queued, shutdown } = openExport(settings, losses)
  const parts = new AsyncLocalStorage<TraceContext>()
  const requests = new AsyncLocalStorage<TraceContext>()

  function flagsOf(traceId: string): TraceFlags {
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId)
    return decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE
  }

  function start(parent: TraceContext | null): SpanPlace {
    const above = parent && spanContextOf(parent)
    const spanId = random.generateSpanId()
    if (above !== null) return placeBelow(above, spanId)
    const traceId = random.generateTraceId()
    return { context: traceContextOf({ traceId, spanId, traceFlags: flagsOf(traceId) }), parentId: null }
  }

  return {
    read(headers) {
      const caller = readTraceHeaders(headers)
      if (caller === null) return null
      const traceFlags = settings.honorsCallers ? caller.traceFlags : flagsOf(caller.traceId)
      return traceContextOf({ ...caller, traceFlags })
    },
    start,
    named(parent, name) {
      const above = spanContextOf(parent)
      return above === null ? start(null) : placeBelow(above, derivedSpanId(above, name))
    },
    record,
    within: (context, work) => parts.run(context, work),
    current: () => parts.getStore(),
    sending: (context, work) => requests.run(context, work),
    outgoingHeaders() {
      const context = requests.getStore()
      return context === undefined ? {} : traceHeaders(context)
    },
    dropped: () => losses.count(),
    async close() {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, closeMs)
      // A batch that fails is counted where it is exported.
      await Promise.race([shutdown().catch(() => undefined), late])
      clearTimeout(timer)
      if (queued() > 0) losses.lost(queued(), 'shutdown')
    },
  }
}

function openExport(settings: TracerSettings, losses: ReturnType<typeof createLosses>) {
  const { url, headers, timeoutMs, mostQueued } = settings
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs })
  const processor = createBoundedExport(exporter, { mostQueued, timeoutMs, losses })
  const ids = { traceId: '', spanId: '' }
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': settings.serviceName,
      'service.version': settings.serviceVersion,
    }),
    spanLimits: { attributeValueLengthLimit: longestValue },
    // Only spans of traces that are kept come this far.
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('understudy', settings.serviceVersion)

  function record({
    context,
    parentId,
    name,
    kind,
    from,
    to,
    attributes,
    links = [],
    error,
  }: EndedSpan): void {
    const place = spanContextOf(context)
    if (place === null || !isSampled(place)) return
    Object.assign(ids, { traceId: place.traceId, spanId: place.spanId })
    const above =
      parentId === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...place, spanId: parentId })
    const options = {
      kind: kinds[kind],
      startTime: from,
      attributes: { ...withoutNulls(attributes), ...(error !== null && { 'error.type': error }) },
      links: links.flatMap(linkTo),
    }
    const span = tracer.startSpan(name, options, above)
    if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
    span.end(Math.max(from, to))
  }
  return { record, queued: () => processor.queued(), shutdown: () => provider.shutdown() }
}

function placeBelow(above: SpanContext, spanId: string): SpanPlace {
  return { context: traceContextOf({ ...above, spanId }), parentId: above.spanId }
}

function linkTo(context: TraceContext): Link[] {
  const place = spanContextOf(context)
  return place === null ? [] : [{ context: place }]
}

function withoutNulls(attributes: EndedSpan['attributes']): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) kept[name] = value
  }
  return kept
}
