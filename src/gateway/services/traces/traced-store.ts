import type { Attempt, Generation } from '../../domain/generation/generation.ts'
import type { LogEntry, LogEntryType } from '../../domain/generation/history.ts'
import type { GenerationTrace } from '../../domain/observability/trace.ts'
import type { GenerationStorage } from '../../ports/generations/generation-storage.ts'
import type { Tracer } from '../../ports/tracer.ts'
import type { Tracing } from './tracing.ts'

/**
 * A store that gives new generations a place in a trace, and makes the spans of generations and attempts once their end is
 * durable. They are made of what is stored, so that a restart in between loses none.
 */
export function tracedStore(store: GenerationStorage, { tracer }: Tracing): GenerationStorage {
  return {
    ...store,
    insert(generation, terms) {
      const { context, parentId } = tracer.start(tracer.current() ?? null)
      return store.insert({ ...generation, trace: { ...context, parentId } }, terms)
    },
    async save(next, terms) {
      const outcome = await store.save(next, terms)
      const { trace } = next
      if (outcome === 'saved' && trace !== undefined)
        for (const entry of terms.entries) recordEnd(tracer, next, trace, entry)
      return outcome
    },
  }
}

const attemptEnds: ReadonlySet<LogEntryType> = new Set(['attempt.succeeded', 'attempt.failed'])
const generationEnds: ReadonlySet<LogEntryType> = new Set([
  'generation.completed',
  'generation.failed',
  'generation.cancelled',
])

function recordEnd(tracer: Tracer, generation: Generation, trace: GenerationTrace, entry: LogEntry): void {
  if (generationEnds.has(entry.type)) return recordGeneration(tracer, generation, trace)
  if (!attemptEnds.has(entry.type)) return
  const attempt = generation.attempts.find(({ id }) => id === entry.data['attempt'])
  if (attempt !== undefined) recordAttempt(tracer, generation, trace, attempt)
}

function recordAttempt(
  tracer: Tracer,
  generation: Generation,
  trace: GenerationTrace,
  attempt: Attempt,
): void {
  const first = tracer.named(trace, attempt.id)
  // It ended once before, as an attempt that a person said was not taken.
  const isSecondEnd = (attempt.resolution?.contradiction ?? null) !== null
  const place = isSecondEnd ? tracer.start(trace) : first
  tracer.record({
    ...place,
    name: `attempt ${attempt.upstream}`,
    kind: 'internal',
    from: attempt.startedAt,
    to: attempt.endedAt ?? attempt.lastChangeAt,
    attributes: {
      'understudy.generation.id': generation.id,
      'understudy.attempt.id': attempt.id,
      'understudy.upstream': attempt.upstream,
      'understudy.upstream.kind': attempt.kind,
      'understudy.character.fidelity': attempt.fidelity,
      'understudy.cost_usd': attempt.costMicros / 1e6,
      'understudy.cost_state': attempt.costState,
      'understudy.delivered': attempt.delivered,
      'gen_ai.request.model': attempt.model,
      'gen_ai.response.id': attempt.upstreamId,
      'gen_ai.output.type': 'video',
    },
    ...(isSecondEnd && { links: [first.context] }),
    error: attempt.failure?.code ?? null,
  })
}

function recordGeneration(tracer: Tracer, generation: Generation, trace: GenerationTrace): void {
  const { id, tenant, key, request, plan, status, attempts, error } = generation
  const { parentId, ...context } = trace
  const costMicros = attempts.reduce((sum, attempt) => sum + attempt.costMicros, 0)
  tracer.record({
    context,
    parentId,
    name: 'generation',
    kind: 'internal',
    from: generation.createdAt,
    to: generation.completedAt ?? generation.createdAt,
    attributes: {
      'understudy.generation.id': id,
      'understudy.tenant': tenant,
      'understudy.client': key,
      'understudy.status': status,
      'understudy.attempts': attempts.length,
      'understudy.priority': plan.priority,
      'understudy.cost_usd': costMicros / 1e6,
      'gen_ai.request.model': request.model,
      'gen_ai.output.type': 'video',
    },
    // A caller who cancels is no error of anyone.
    error: status === 'failed' ? (error?.code ?? 'failed') : null,
  })
}
