import { createHash } from 'node:crypto'
import { TraceFlags } from '@opentelemetry/api'
import type { SpanContext } from '@opentelemetry/api'
import { parseTraceParent, TraceState } from '@opentelemetry/core'
import type { TraceContext } from '../../domain/observability/trace.ts'

/** Null if `traceparent` is malformed. */
export function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext | null {
  const parsed = parseTraceParent(traceparent)
  if (parsed === null || tracestate === null) return parsed
  return { ...parsed, traceState: new TraceState(tracestate) }
}

export function traceContextOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const state = traceState?.serialize() ?? ''
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    tracestate: state === '' ? null : state,
  }
}

export function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0
}

/** A span ID that follows from its parent and a name, so that a later process gives the same one. */
export function derivedSpanId({ traceId, spanId }: SpanContext, name: string): string {
  return createHash('sha256').update(`${traceId}-${spanId}-${name}`).digest('hex').slice(0, 16)
}

/**
 * The span that a request names as its parent. A request with several `traceparent` headers names none; a malformed
 * `tracestate` is left out.
 */
export function readTraceHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): SpanContext | null {
  const { traceparent, tracestate } = headers
  if (typeof traceparent !== 'string') return null
  const state = Array.isArray(tracestate) ? tracestate.join(',') : tracestate
  return spanContextOf({ traceparent, tracestate: state ?? null })
}
