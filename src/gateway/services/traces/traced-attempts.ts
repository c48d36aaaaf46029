import type { AttemptId } from '../../domain/ids.ts'
import type { Attempt } from '../../domain/generation/generation.ts'
import type { SpanPlace } from '../../ports/tracer.ts'
import type { NoteExchange } from '../../ports/upstream.ts'
import type { Evidence } from '../operations/evidence.ts'
import type { Tracing } from './tracing.ts'

/** An attempt whose calls are traced. */
export interface TracedAttempt {
  id: AttemptId
  upstream: string
  place: SpanPlace
  /** Where the span of its first create is. */
  create: SpanPlace
  /** Whether a create that is sent now is the first one. */
  isFirstCreate: boolean
}

/** What a call to an upstream or to the archive is made for. Those without an entry have no spans. */
export interface TracedAttempts {
  byNote: WeakMap<NoteExchange, TracedAttempt>
  byBody: WeakMap<AsyncIterable<Uint8Array>, TracedAttempt>
}

export function createTracedAttempts(): TracedAttempts {
  return { byNote: new WeakMap(), byBody: new WeakMap() }
}

/** Every call about an attempt is noted by what `watch` returns, a function of that step alone: it tells whose call it is. */
export function tracedEvidence(
  evidence: Evidence,
  { tracer }: Tracing,
  { byNote }: TracedAttempts,
): Evidence {
  return {
    ...evidence,
    watch(generation, attemptId) {
      const seen = evidence.watch(generation, attemptId)
      const attempt = generation.attempts.find(({ id }) => id === attemptId)
      if (generation.trace !== undefined && attempt !== undefined) {
        const place = tracer.named(generation.trace, attempt.id)
        const create = tracer.named(place.context, 'create')
        const { id, upstream } = attempt
        byNote.set(seen.note, { id, upstream, place, create, isFirstCreate: hasNotSent(attempt) })
      }
      return seen
    },
  }
}

function hasNotSent({ state, rebound }: Attempt): boolean {
  return state === 'binding' && !rebound
}
