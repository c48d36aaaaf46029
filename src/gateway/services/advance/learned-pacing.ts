import type { Attempt } from '../../domain/generation/generation.ts'
import type { UpstreamSpec } from '../../domain/routing/upstream.ts'
import { firstPollAfterMs, learnPolls, pollIntervalMs } from '../../domain/scheduling/learned-polls.ts'
import type { LearnedPolls } from '../../domain/scheduling/learned-polls.ts'

/** Of each kind of job, the last ones count: vendors get faster and slower within days. */
const timesOfKind = 128
/** Kinds of job that are remembered; the one that was not noted for the longest time is forgotten first. */
const mostKinds = 1000
/** To sort 128 times for each poll would cost more than it tells. */
const notesBetweenLessons = 8

type Job = Pick<Attempt, 'model' | 'durationSeconds' | 'submittedAt' | 'askedAt'>
type Polled = Pick<UpstreamSpec, 'id' | 'poll' | 'stallMs'>

/** When to poll, from how long the jobs of one upstream, model and length took lately; as configured until enough are known. */
export interface LearnedPacing {
  /** In ms after the create was accepted. */
  firstAfterMs(spec: Polled, job: Job): number
  /** In ms from `now`, for a job that was still running at `now`. */
  everyMs(spec: Polled, job: Job, now: number): number
  /** The job was found finished at `now`. */
  finished(spec: Polled, job: Job, now: number): void
}

interface Kind {
  times: number[]
  learned: LearnedPolls | null
  unlearned: number
}

function keyOf({ id, poll }: Polled, { model, durationSeconds }: Job): string {
  return JSON.stringify([id, poll.everyMs, model, durationSeconds])
}

/** In memory: each process learns from the jobs that it polls, and anew after a start. */
export function createLearnedPacing(): LearnedPacing {
  const kinds = new Map<string, Kind>()

  function learnedOf(spec: Polled, job: Job): LearnedPolls | null {
    return spec.poll.learns === false ? null : (kinds.get(keyOf(spec, job))?.learned ?? null)
  }

  return {
    firstAfterMs(spec, job) {
      const learned = learnedOf(spec, job)
      if (learned === null) return spec.poll.firstAfterMs
      return boundedBy(spec, firstPollAfterMs(learned), spec.poll.firstAfterMs)
    },
    everyMs(spec, job, now) {
      const learned = learnedOf(spec, job)
      if (learned === null || job.submittedAt === null) return spec.poll.everyMs
      const since = Math.max(0, now - job.submittedAt)
      return boundedBy(spec, pollIntervalMs(learned, since), spec.poll.everyMs)
    },
    finished(spec, job, now) {
      const { submittedAt, askedAt } = job
      if (submittedAt === null || now <= submittedAt) return
      const { everyMs } = spec.poll
      // It ended between two polls. Where the last one was long ago, it is taken to have ended late in between, so that what is
      // learnt moves in small steps.
      const earliest = Math.max(submittedAt, askedAt ?? 0, now - 2 * everyMs)
      const took = (earliest + now) / 2 - submittedAt
      const key = keyOf(spec, job)
      const kind = kinds.get(key) ?? { times: [], learned: null, unlearned: 0 }
      kinds.delete(key)
      kinds.set(key, kind)
      kind.times.push(took)
      if (kind.times.length > timesOfKind) kind.times.shift()
      kind.unlearned++
      if (kind.learned === null || kind.unlearned >= notesBetweenLessons) {
        kind.learned = learnPolls(kind.times, everyMs)
        kind.unlearned = 0
      }
      const [oldest] = kinds.keys()
      if (kinds.size > mostKinds && oldest !== undefined) kinds.delete(oldest)
    },
  }
}

/** Progress that is not seen is no progress: a job that is asked too seldom would count as stalled. */
function boundedBy({ stallMs }: Polled, learnedMs: number, configuredMs: number): number {
  return Math.min(learnedMs, Math.max(configuredMs, stallMs / 4))
}
