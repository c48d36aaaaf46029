import type { CharacterOutcome, CreateOutcome, JobReport } from '../../domain/attempts/outcome.ts'
import type { Operation } from '../../domain/routing/upstream.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Upstream, VideoFetch } from '../../ports/upstream.ts'
import { createBreaker } from './breaker.ts'
import type { Breaker, Health } from './breaker.ts'
import type { BareUpstream } from '../calls/http-upstream.ts'
import { createOutages } from './model-outages.ts'
import type { BreakerSettings } from '../settings.ts'

/** An upstream behind one breaker for each operation. `close` stops their timers. */
export interface GuardedUpstream extends Omit<Upstream, 'account'> {
  close(): void
}

const operations = ['create', 'poll', 'fetch', 'character'] as const satisfies Operation[]

/**
 * What an outcome says about the upstream: whether it does what it is there for. Verdicts on a request (refused, invalid, a
 * character it does not know) say nothing and must not close a half-open breaker either.
 */
const createHealth: Record<CreateOutcome['type'], Health> = {
  accepted: 'ok',
  never_sent: 'failing',
  rejected: 'failing',
  upstream_down: 'failing',
  unknown: 'failing',
  refused: 'neutral',
  invalid: 'neutral',
  character_invalid: 'neutral',
}

/** A model that is gone is kept in its own book: the upstream does what it is there for, for its other models. */
function createHealthOf(outcome: CreateOutcome): Health {
  return outcome.type === 'upstream_down' && outcome.modelGone === true
    ? 'neutral'
    : createHealth[outcome.type]
}

/** Any readable answer about a job is a good poll, the news of a lost or failed job included. */
const pollHealth: Record<JobReport['type'], Health> = {
  running: 'ok',
  completed: 'ok',
  failed: 'ok',
  refused: 'ok',
  not_found: 'ok',
  unreadable: 'failing',
  unreachable: 'failing',
}

/** One job that cannot be read is no outage: its polls must not keep those of all other jobs from being made. */
function pollHealthOf(report: JobReport): Health {
  return 'aboutJob' in report && report.aboutJob ? 'neutral' : pollHealth[report.type]
}

const fetchHealth: Record<VideoFetch['type'], Health> = {
  body: 'ok',
  unavailable: 'failing',
  not_media: 'failing',
  not_ready: 'neutral',
  gone: 'neutral',
}

const characterHealth: Record<CharacterOutcome['type'], Health> = {
  ready: 'ok',
  pending: 'ok',
  never_sent: 'failing',
  rejected: 'failing',
  upstream_down: 'failing',
  unknown: 'failing',
  refused: 'neutral',
  invalid: 'neutral',
}

export function guardUpstream(
  upstream: BareUpstream,
  { breaker: settings, modelGoneMs }: { breaker: BreakerSettings; modelGoneMs: number },
  { clock, logger }: { clock: Clock; logger: Logger },
): GuardedUpstream {
  const breakerOf = (operation: Operation): Breaker =>
    createBreaker(settings, {
      clock,
      onChange: ({ state }) =>
        logger.warn({ upstream: upstream.spec.id, operation, state }, 'breaker changed its state'),
    })
  const breakers: Record<Operation, Breaker> = {
    create: breakerOf('create'),
    poll: breakerOf('poll'),
    fetch: breakerOf('fetch'),
    character: breakerOf('character'),
  }
  const outages = createOutages(modelGoneMs, {
    clock,
    onChange: ({ model, until }) =>
      logger.warn(
        { upstream: upstream.spec.id, model, until: until === null ? null : new Date(until).toISOString() },
        until === null ? 'model is no longer out of service' : 'model is out of service',
      ),
  })
  const message = (operation: Operation) =>
    `the ${operation} breaker of "${upstream.spec.id}" is open: it has failed too often`

  return {
    ...upstream,
    create: (request, note) =>
      outages.run(request.model, () =>
        breakers.create.run<CreateOutcome>(
          () => upstream.create(request, note),
          createHealthOf,
          (retryAfterMs) => ({ type: 'never_sent', message: message('create'), retryAfterMs }),
        ),
      ),
    poll: (operation, note) =>
      breakers.poll.run<JobReport>(
        () => upstream.poll(operation, note),
        pollHealthOf,
        (retryAfterMs) => ({ type: 'unreachable', message: message('poll'), retryAfterMs }),
      ),
    fetchVideo: (operation, result) =>
      breakers.fetch.run<VideoFetch>(
        () => upstream.fetchVideo(operation, result),
        ({ type }) => fetchHealth[type],
        (retryAfterMs) => ({ type: 'unavailable', message: message('fetch'), retryAfterMs }),
      ),
    createCharacter: (request) =>
      breakers.character.run<CharacterOutcome>(
        () => upstream.createCharacter(request),
        ({ type }) => characterHealth[type],
        (retryAfterMs) => ({ type: 'never_sent', message: message('character'), retryAfterMs }),
      ),
    pollCharacter: (operation) =>
      breakers.poll.run<CharacterOutcome>(
        () => upstream.pollCharacter(operation),
        ({ type }) => characterHealth[type],
        (retryAfterMs) => ({ type: 'never_sent', message: message('poll'), retryAfterMs }),
      ),
    outages: () => outages.current(),
    breakers: () => ({
      create: breakers.create.view(),
      poll: breakers.poll.view(),
      fetch: breakers.fetch.view(),
      character: breakers.character.view(),
    }),
    close() {
      for (const operation of operations) breakers[operation].close()
    },
  }
}
