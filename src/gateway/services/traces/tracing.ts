import type { Clock } from '../../ports/clock.ts'
import type { Tracer } from '../../ports/tracer.ts'

/** What makes spans, and when. */
export interface Tracing {
  tracer: Tracer
  clock: Clock
}
