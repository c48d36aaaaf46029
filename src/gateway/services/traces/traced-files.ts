import type { Exchange } from '../../domain/attempts/exchange.ts'
import type { MediaArchive } from '../../ports/media/media-archive.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { TracedAttempts } from './traced-attempts.ts'
import { requestAttributes } from './traced-call.ts'
import type { Tracing } from './tracing.ts'

/** A span for each file that is requested, until its last byte has come. */
export function tracedFetch(
  upstream: Upstream,
  { tracer, clock }: Tracing,
  { byNote, byBody }: TracedAttempts,
): Upstream['fetchVideo'] {
  return async (operation, result, note) => {
    const attempt = note && byNote.get(note)
    if (note === undefined || attempt === undefined) return upstream.fetchVideo(operation, result, note)
    let from = clock.now()
    // The exchange of a file is noted when its body has ended.
    const fetched = await upstream.fetchVideo(operation, result, (exchange) => {
      const to = clock.now()
      tracer.record({
        ...tracer.start(attempt.place.context),
        name: 'download',
        kind: 'client',
        from,
        to,
        attributes: { ...requestAttributes(attempt, exchange, 1), 'understudy.bytes': exchange.bytes },
        error: failureOf(exchange),
      })
      from = to
      note(exchange)
    })
    if (fetched.type === 'body') byBody.set(fetched.body, attempt)
    return fetched
  }
}

function failureOf({ ending, status }: Exchange): string | null {
  if (ending !== 'answered') return ending
  return status !== null && status >= 400 ? String(status) : null
}

/** A span for the copy of a video into the archive: its download, its inspection and its storage. */
export function tracedArchive<Archive extends Pick<MediaArchive, 'put'>>(
  archive: Archive,
  { tracer, clock }: Tracing,
  { byBody }: TracedAttempts,
): Archive {
  const put: Archive['put'] = async (id, body, rules) => {
    const attempt = byBody.get(body)
    const from = clock.now()
    const outcome = await archive.put(id, body, rules)
    if (attempt !== undefined)
      tracer.record({
        ...tracer.start(attempt.place.context),
        name: 'archive',
        kind: 'internal',
        from,
        to: clock.now(),
        attributes: {
          'understudy.attempt.id': attempt.id,
          'understudy.bytes': outcome.type === 'stored' ? outcome.info.bytes : null,
        },
        error: outcome.type === 'stored' ? null : outcome.type,
      })
    return outcome
  }
  return { ...archive, put }
}
