import type { NoteExchange, Upstream, UpstreamDirectory } from '../../ports/upstream.ts'
import { createCallSpans } from './call-spans.ts'
import type { TracedAttempt, TracedAttempts } from './traced-attempts.ts'
import { traceCall } from './traced-call.ts'
import type { CallSpan } from './traced-call.ts'
import { tracedFetch } from './traced-files.ts'
import type { Tracing } from './tracing.ts'

/** Makes spans of the calls to upstreams that are about a traced attempt. */
export function tracedDirectory(
  directory: UpstreamDirectory,
  tracing: Tracing,
  attempts: TracedAttempts,
): UpstreamDirectory {
  const spans = createCallSpans(tracing.tracer)
  const known = new WeakMap<Upstream, Upstream>()
  const traced = (upstream: Upstream): Upstream => {
    const found = known.get(upstream) ?? tracedUpstream(upstream, tracing, { attempts, spans })
    known.set(upstream, found)
    return found
  }
  const maybe = (upstream: Upstream | undefined) => upstream && traced(upstream)
  return {
    ...directory,
    get: (id) => maybe(directory.get(id)),
    holderOf: (id, account) => maybe(directory.holderOf(id, account)),
    all: () => directory.all().map(traced),
  }
}

function tracedUpstream(
  upstream: Upstream,
  tracing: Tracing,
  { attempts, spans }: { attempts: TracedAttempts; spans: ReturnType<typeof createCallSpans> },
): Upstream {
  function trace<Outcome>(
    note: NoteExchange | undefined,
    spanOf: (attempt: TracedAttempt) => CallSpan<Outcome>,
    call: (note: NoteExchange | undefined) => Promise<Outcome>,
  ): Promise<Outcome> {
    const attempt = note && attempts.byNote.get(note)
    if (note === undefined || attempt === undefined) return call(note)
    return traceCall(tracing, attempt, spanOf(attempt), (countRequest) =>
      call((exchange) => {
        countRequest(exchange)
        note(exchange)
      }),
    )
  }

  return {
    ...upstream,
    create: (request, note, heldBack) =>
      trace(
        note,
        (attempt) => spans.create(attempt, upstream, request.model),
        (noting) => upstream.create(request, noting, heldBack),
      ),
    poll: (operation, note) => trace(note, spans.poll, (noting) => upstream.poll(operation, noting)),
    cancel: (operation, note) => trace(note, spans.cancel, (noting) => upstream.cancel(operation, noting)),
    listRecent: (since, note) => trace(note, spans.list, (noting) => upstream.listRecent(since, noting)),
    fetchVideo: tracedFetch(upstream, tracing, attempts),
  }
}
