import type { TraceContext } from '../domain/observability/trace.ts'

export const spanKinds = ['internal', 'server', 'client'] as const
export type SpanKind = (typeof spanKinds)[number]

/** Where a span is in its trace. It is known before the span ends, so that others can be its children. */
export interface SpanPlace {
  context: TraceContext
  /** The span ID of its parent in the same trace. Null at the root. */
  parentId: string | null
}

/** A span that has ended. Instants are milliseconds since the epoch. Names and values are public: no prompts, no secrets. */
export interface EndedSpan extends SpanPlace {
  name: string
  kind: SpanKind
  from: number
  to: number
  /** Null or undefined: not set. */
  attributes: Readonly<Record<string, string | number | boolean | null | undefined>>
  /** Spans of which this one is no child. */
  links?: readonly TraceContext[]
  /** The kind of error it ended with, a word of a small set. Null: none. */
  error: string | null
}

/** Makes traces. No method throws or waits, except `close`. */
export interface Tracer {
  /** The caller's span. Null if the headers name none, or are malformed. */
  read(headers: Readonly<Record<string, string | string[] | undefined>>): TraceContext | null
  /** A new place below `parent`, or of a new trace. Whether a trace is kept is decided at its root. */
  start(parent: TraceContext | null): SpanPlace
  /** The place below `parent` with this name: the same each time, also in another process. */
  named(parent: TraceContext, name: string): SpanPlace
  /** Queues a span for export, if its trace is kept. */
  record(span: EndedSpan): void
  /** Runs `work` as a part of this span. */
  within<Result>(context: TraceContext, work: () => Result): Result
  /** The span that this code is a part of. */
  current(): TraceContext | undefined
  /** Runs `work`, whose requests may name this span to who receives them. */
  sending<Result>(context: TraceContext, work: () => Result): Result
  /** The headers for a request of `sending`; empty outside of it. */
  outgoingHeaders(): Record<string, string>
  /** The number of spans that were not exported. */
  dropped(): number
  /** Exports what is queued, for a few seconds at most. */
  close(): Promise<void>
}
