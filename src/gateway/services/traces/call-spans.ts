import type { CancelOutcome, CreateOutcome, JobReport } from '../../domain/attempts/outcome.ts'
import type { AttemptId } from '../../domain/ids.ts'
import type { Tracer } from '../../ports/tracer.ts'
import type { ListOutcome, Upstream } from '../../ports/upstream.ts'
import { countPoll, noPolls } from './poll-spans.ts'
import type { PollCount } from './poll-spans.ts'
import type { TracedAttempt } from './traced-attempts.ts'
import type { CallSpan } from './traced-call.ts'

/** Attempts whose polls are counted; one that is forgotten starts again. */
const remembered = 50_000

/** The spans of the calls about an attempt. */
export function createCallSpans({ start }: Pick<Tracer, 'start'>) {
  const polls = new Map<AttemptId, PollCount>()

  function count(
    id: AttemptId,
    report: JobReport['type'],
  ): { shown: boolean; before: number; polls: number } {
    const before = polls.get(id) ?? noPolls
    const { shown, next } = countPoll(before, report)
    polls.delete(id)
    polls.set(id, next)
    const [oldest] = polls.keys()
    if (polls.size > remembered && oldest !== undefined) polls.delete(oldest)
    return { shown, before: before.unshown, polls: next.polls }
  }

  return {
    create: (attempt: TracedAttempt, { spec }: Upstream, model: string): CallSpan<CreateOutcome> => ({
      place: attempt.isFirstCreate ? attempt.create : start(attempt.place.context),
      // As https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ names it.
      name: `generate_content ${model}`,
      attributes: {
        'gen_ai.operation.name': 'generate_content',
        'gen_ai.provider.name': spec.dialect,
        'gen_ai.request.model': model,
        'gen_ai.output.type': 'video',
      },
      isTold: true,
      said: (outcome) => ({
        attributes: {
          'understudy.create.outcome': outcome.type,
          'gen_ai.response.id': outcome.type === 'accepted' ? outcome.job.upstreamId : null,
        },
        error: outcome.type === 'accepted' ? null : outcome.type,
      }),
    }),
    poll: (attempt: TracedAttempt): CallSpan<JobReport> => ({
      place: start(attempt.place.context),
      name: 'poll',
      links: [attempt.create.context],
      said({ type }) {
        const { shown, ...counted } = count(attempt.id, type)
        if (!shown) return null
        return {
          attributes: {
            'understudy.job.report': type,
            'understudy.poll.number': counted.polls,
            'understudy.poll.without_span': counted.before,
          },
          error: type === 'unreachable' || type === 'unreadable' ? type : null,
        }
      },
    }),
    cancel: (attempt: TracedAttempt): CallSpan<CancelOutcome> => ({
      place: start(attempt.place.context),
      name: 'cancel',
      said: ({ type }) => ({
        attributes: { 'understudy.cancel.outcome': type },
        error: type === 'not_cancelled' ? type : null,
      }),
    }),
    list: (attempt: TracedAttempt): CallSpan<ListOutcome> => ({
      place: start(attempt.place.context),
      name: 'list jobs',
      // Where there is no list, nothing is asked.
      said: ({ type }) =>
        type === 'unsupported' ? null : { attributes: {}, error: type === 'unreachable' ? type : null },
    }),
  }
}
