/** A span as W3C Trace Context writes it (https://www.w3.org/TR/trace-context/): the values of the two headers. */
export interface TraceContext {
  traceparent: string
  /** Null if there is none. */
  tracestate: string | null
}

/** The span of a generation, which is exported when the generation ends. */
export interface GenerationTrace extends TraceContext {
  /** The span ID of the request that made it. Null where no request did. */
  parentId: string | null
}

/** The headers that name this span to who receives a request. */
export function traceHeaders({ traceparent, tracestate }: TraceContext): Record<string, string> {
  return { traceparent, ...(tracestate !== null && { tracestate }) }
}
