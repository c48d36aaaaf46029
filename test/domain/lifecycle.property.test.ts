import * as fc from 'fast-check'
import t from 'tap'
import { isLive, isTerminal } from '../../src/gateway/domain/attempts/transition-buffer.ts'
import type { Attempt, AttemptState, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { withShownTimes } from '../../src/gateway/domain/generation/shown-times.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import { PROMPT_MARK, SECOND } from './builders.ts'
import { moves, newPlay, playMove, routings } from './lifecycle-play.ts'
import type { Move, Play, Seen } from './lifecycle-play.ts'

const RUNS = 400
const farFuture = 1e15

/** Half of the moves answer what is due; the others come from somebody whose view of the generation is old. */
const histories = fc.tuple(routings, moves(40))
const sampled = { seed: Date.now() % 2 ** 31, numRuns: 1500 }

function played([routing, moves]: [Parameters<typeof newPlay>[0], Move[]]): Seen[] {
  const play = newPlay(routing)
  for (const move of moves) if (!playMove(play, move)) break
  return play.seen
}

const samples = fc.sample(histories, sampled).map(played)

type Holds = (seen: Seen, earlier: Seen[]) => void

function inHistory(history: Seen[], holds: Holds): void {
  for (const [index, seen] of history.entries()) holds(seen, history.slice(0, index))
}

/** Looks through all sampled histories; a fault is looked for again by fast-check, to be told as small as it can be. */
function whateverHappens(holds: Holds): void {
  try {
    for (const history of samples) inHistory(history, holds)
  } catch (error) {
    fc.assert(
      fc.property(histories, (history) => inHistory(played(history), holds)),
      sampled,
    )
    throw error
  }
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

function paid({ attempts }: Generation): number {
  return attempts.reduce((sum, { costMicros }) => sum + costMicros, 0)
}

/** Each attempt of before beside what it became. */
function changes({ before, after }: Seen): Array<[Attempt, Attempt]> {
  return before.attempts.map((attempt, index) => {
    const now = after.attempts[index]
    if (now?.id !== attempt.id) throw new Error(`attempt ${attempt.id} is gone or moved`)
    return [attempt, now]
  })
}

/** The job turned up that a person said was not taken: it goes on beside whatever followed it. */
function isContradicted({ resolution }: Attempt): boolean {
  return resolution !== null && resolution.contradiction !== null
}

function isReopened(before: Attempt, now: Attempt): boolean {
  return !isContradicted(before) && isContradicted(now)
}

t.test('no time that is shown runs backwards, whatever is done to the clock', async () => {
  whateverHappens(({ after }) => {
    const { createdAt, completedAt, attempts } = withShownTimes(after)
    let last = createdAt
    for (const { startedAt, endedAt } of attempts) {
      check(startedAt >= last, 'an attempt starts before its generation, or before an earlier attempt')
      check(endedAt === null || endedAt >= startedAt, 'an attempt ends before it starts')
      last = startedAt
    }
    check(completedAt === null || completedAt >= createdAt, 'a generation ends before it is made')
  })
})

t.test('at most one attempt is live, unless the caller takes the risk of two', async () => {
  whateverHappens(({ after }) => {
    if (after.request.routing.onUnknown === 'fallback' || after.attempts.some(isContradicted)) return
    check(after.attempts.filter(isLive).length <= 1, 'two live attempts')
  })
})

t.test(
  'even then another starts only beside attempts of which nothing is known, and never two at once',
  async () => {
    whateverHappens(({ before, after }) => {
      if (after.attempts.length > before.attempts.length) {
        const others = before.attempts.filter(isLive)
        const open = others.every(({ state }) => state === 'unknown' || state === 'abandoned')
        check(open, 'started beside a known one')
      }
      const leaving = after.attempts.filter(({ state }) => state === 'binding' || state === 'submitting')
      check(leaving.length <= 1, 'two about to leave')
      const sending = leaving.length > 0 && !isTerminal(after)
      const known = after.attempts.some(({ state }) => state === 'running' || state === 'archiving')
      const binding = leaving.some(({ state }) => state === 'binding')
      check(!(sending && known && binding), 'one is about to leave although another is known to run')
    })
  },
)

t.test('the end of a generation is final', async () => {
  whateverHappens(({ before, after }) => {
    if (!isTerminal(before)) return
    check(after.status === before.status, 'another status')
    check(after.completedAt === before.completedAt, 'another end')
    check(JSON.stringify(after.error) === JSON.stringify(before.error), 'another error')
    check(after.attempts.length === before.attempts.length, 'another attempt')
  })
})

t.test('status, error, video, end and next attempt fit together', async () => {
  whateverHappens(({ after }) => {
    const terminal = isTerminal(after)
    check(terminal === (after.completedAt !== null), 'the end')
    check((after.status === 'failed' || after.status === 'cancelled') === (after.error !== null), 'the error')
    check((after.status === 'cancelled') === (after.error?.code === 'cancelled'), 'cancelled')
    check(!terminal || after.nextAttemptAt === null, 'an attempt to come after the end')
    check(after.status !== 'completed' || after.video !== null, 'completed without a video')
    check(after.status !== 'cancelled' || after.video === null, 'a video nobody wants')
    check((after.progress === 100) === (after.status === 'completed'), 'progress 100')
    const given = after.attempts.some(({ state, failure }) => state === 'succeeded' && failure === null)
    check(after.video === null || given, 'a video from nowhere')
  })
})

t.test('a generation that is not at its end has something that goes on, or starts', async () => {
  whateverHappens(({ event, after }) => {
    // A cancel that nobody asked for is the one thing which no step of ours can bring about.
    if (isTerminal(after) || event.type === 'cancel_answered') return
    check(after.dueAt !== null, 'nothing due')
  })
})

t.test('after a refusal there is no other attempt', async () => {
  whateverHappens(({ before, after }) => {
    const refused = before.attempts.some(({ failure }) => failure?.code === 'refused')
    if (!refused) return
    check(isTerminal(before), 'it goes on')
    check(after.attempts.length === before.attempts.length, 'another attempt')
  })
})

t.test(
  'another attempt follows only a verdict that allows it, or an open outcome and a caller who takes the risk',
  async () => {
    whateverHappens(({ before, after }) => {
      if (after.attempts.length === before.attempts.length) return
      for (const { state, failure } of before.attempts) {
        check(state !== 'succeeded' && state !== 'archiving', 'after a success')
        if (state === 'failed') continue
        check(before.request.routing.onUnknown === 'fallback' && failure !== null, 'after an open outcome')
      }
      const last = before.attempts.at(-1)
      if (last?.state === 'failed' && before.request.routing.onUnknown === 'fail')
        check(last.failure?.fallback === true, 'after a final verdict')
    })
  },
)

t.test('progress never goes back', async () => {
  whateverHappens((seen) => {
    const { before, after } = seen
    check(after.progress >= before.progress && after.progress <= 100, 'the generation')
    for (const [attempt, now] of changes(seen))
      check(now.progress >= attempt.progress && now.progress <= 100, 'the attempt')
  })
})

function untimed({ dueAt: _generation, attempts, ...rest }: Generation): string {
  return JSON.stringify({ ...rest, attempts: attempts.map(({ dueAt: _attempt, ...attempt }) => attempt) })
}

t.test('a hint only brings the next look forward', async () => {
  whateverHappens(({ before, event, after, entries }) => {
    if (event.type !== 'poll_requested') return
    check(entries.length === 0, 'it is in the log')
    check(untimed(before) === untimed(after), 'something else changed')
    check((after.dueAt ?? farFuture) <= Math.max(before.dueAt ?? farFuture, event.at), 'put off')
  })
})

t.test('it is due exactly when there is a step to take', async () => {
  whateverHappens(({ after }) => {
    const { dueAt } = after
    if (dueAt === null) return check(nextStep(after, farFuture) === null, 'a step that never comes up')
    check(nextStep(after, dueAt) !== null, 'due, and nothing to do')
    check(nextStep(after, dueAt - 1) === null, 'something to do before it is due')
  })
})

const successors: Record<AttemptState, AttemptState[]> = {
  binding: ['submitting', 'failed'],
  submitting: ['running', 'unknown', 'failed', 'binding', 'abandoned'],
  unknown: ['running', 'failed', 'binding', 'abandoned'],
  running: ['archiving', 'abandoned', 'failed'],
  abandoned: ['archiving', 'succeeded', 'failed'],
  archiving: ['succeeded', 'failed'],
  succeeded: [],
  failed: [],
}

/** What a person said was not taken is looked for after its end. */
function ended(attempt: Attempt): string {
  const { dueAt: _due, ...rest } = attempt
  return JSON.stringify(attempt.resolution?.verdict === 'not_taken' ? rest : attempt)
}

t.test('an attempt moves only along its life, and its end is final', async () => {
  whateverHappens((seen) => {
    for (const [attempt, now] of changes(seen)) {
      if (now.state === attempt.state) continue
      if (isReopened(attempt, now)) {
        check(attempt.state === 'failed' && isLive(now) && now.endedAt === null, 'reopened')
        continue
      }
      check(successors[attempt.state].includes(now.state), `${attempt.state} → ${now.state}`)
      check(!isLive(now) === (now.endedAt !== null), 'the end')
    }
    for (const [attempt, now] of changes(seen)) {
      if (isLive(attempt) || isReopened(attempt, now)) continue
      check(ended(attempt) === ended(now), 'changed after its end')
    }
  })
})

t.test('nothing is submitted that was not stored as submitting before, once per binding', async () => {
  whateverHappens(({ before, event, after, entries }, earlier) => {
    for (const { id, state, submittedAt, acceptedAt } of after.attempts) {
      const was = before.attempts.find((attempt) => attempt.id === id)?.state
      const enters = state === 'submitting' && was !== 'submitting'
      check(!enters || (event.type === 'submitting' && was === 'binding'), 'submitting from nowhere')
      const logged = entries.some(({ type }) => type === 'attempt.submitting')
      check(enters === (logged && event.type === 'submitting' && event.attemptId === id), 'the log of it')
      const told = [...earlier.flatMap((seen) => seen.entries), ...entries].some(
        ({ type, data }) => type === 'attempt.submitting' && data['attempt'] === id,
      )
      check(acceptedAt === null || (submittedAt !== null && told), 'accepted, never submitted')
      check(state === 'binding' || state === 'failed' || told, `${state}, never submitted`)
    }
  })
})

t.test('an attempt is made again at most once for its characters', async () => {
  whateverHappens((seen, earlier) => {
    const rebound = [...earlier.flatMap(({ entries }) => entries), ...seen.entries]
      .filter(({ type }) => type === 'attempt.rebinding')
      .map(({ data }) => data['attempt'])
    check(new Set(rebound).size === rebound.length, 'twice')
  })
})

t.test('money that is settled stays settled, and what was paid never becomes less', async () => {
  whateverHappens((seen) => {
    for (const [attempt, now] of changes(seen)) {
      check(now.reservedMicros === attempt.reservedMicros, 'the reservation')
      if (attempt.costState !== 'settled') continue
      if (isReopened(attempt, now) && attempt.costMicros === 0) continue
      check(now.costState === 'settled' && now.costMicros === attempt.costMicros, 'settled twice')
    }
    for (const attempt of seen.after.attempts) {
      const { costState, costMicros, reservedMicros, state, cancelAsked } = attempt
      check(costMicros === 0 || (costState === 'settled' && costMicros === reservedMicros), 'the cost')
      // A job that is gone after we asked to cancel it may have been charged; nobody can tell any more.
      const untold = state === 'failed' && cancelAsked
      check(
        costState === 'settled' || untold || (state !== 'succeeded' && state !== 'failed'),
        'ended and open',
      )
      check(
        costState === 'reserved' ||
          isContradicted(attempt) ||
          !['submitting', 'unknown', 'running'].includes(state),
        'settled too early',
      )
    }
    check(paid(seen.after) >= paid(seen.before) && paid(seen.before) >= 0, 'paid back')
  })
})

function chosenFor(attempt: Attempt): string {
  return JSON.stringify([
    attempt.upstream,
    attempt.kind,
    attempt.fidelity,
    attempt.model,
    attempt.durationSeconds,
    attempt.size,
    attempt.chargedOn,
    attempt.baseline,
    attempt.startedAt,
  ])
}

t.test('a deadline moves only at a release, and then by the time that was held', async () => {
  whateverHappens(({ before, event, after }) => {
    const heldMs = event.type === 'restore_released' ? event.at - (before.heldSince ?? event.at) : 0
    const movedMs = after.deadlineAt - before.deadlineAt
    check(movedMs === 0 || movedMs === heldMs, 'another deadline')
    for (const [index, { deadlineAt }] of before.attempts.entries()) {
      const attemptMs = (after.attempts[index]?.deadlineAt ?? 0) - deadlineAt
      check(attemptMs === 0 || attemptMs === heldMs, 'another deadline of an attempt')
    }
  })
})

t.test('attempts only append, and what was chosen for one never changes', async () => {
  whateverHappens((seen) => {
    for (const [attempt, now] of changes(seen)) check(chosenFor(attempt) === chosenFor(now), 'another choice')
    check(seen.after.attempts.length - seen.before.attempts.length <= 1, 'two at once')
    const same = ['id', 'tenant', 'key', 'allow', 'request', 'plan', 'createdAt'] as const
    for (const key of same) check(seen.after[key] === seen.before[key], `another ${key}`)
  })
})

t.test('warnings only append, and none is said twice', async () => {
  whateverHappens(({ before, after }) => {
    const said = after.warnings.map((warning) => JSON.stringify(warning))
    check(new Set(said).size === said.length, 'twice')
    check(
      JSON.stringify(after.warnings.slice(0, before.warnings.length)) === JSON.stringify(before.warnings),
      'taken back',
    )
  })
})

t.test('a video once delivered stays the video, and expires once', async () => {
  whateverHappens(({ before, event, after }) => {
    if (before.video === null)
      return check((after.video?.expiredAt ?? null) === null, 'expired before it came')
    if (after.video === before.video) return
    const expires = event.type === 'video_expired' && before.video.expiredAt === null
    check(expires && after.video?.expiredAt === event.at, 'another video')
    check(after.video?.sha256 === before.video.sha256, 'another video')
  })
})

t.test('the one attempt that delivered is marked, once there is a video and not before', async () => {
  whateverHappens((seen) => {
    const delivered = seen.after.attempts.filter((attempt) => attempt.delivered)
    check(delivered.length === (seen.after.video === null ? 0 : 1), `${delivered.length} delivered`)
    check(
      delivered.every(({ state }) => state === 'succeeded'),
      'delivered without success',
    )
    for (const [attempt, now] of changes(seen)) check(now.delivered || !attempt.delivered, 'taken back')
  })
})

t.test('a log entry is made only for a change, at its time, and the end is told once', async () => {
  whateverHappens(({ before, event, after, entries }, earlier) => {
    const isTold = entries.length > 0
    check(!isTold || JSON.stringify(before) !== JSON.stringify(after), 'an entry for nothing')
    check(
      entries.every(({ at }) => at === event.at),
      'another time',
    )
    const ends = [...earlier.flatMap((seen) => seen.entries), ...entries].filter(({ type }) =>
      ['generation.completed', 'generation.failed', 'generation.cancelled'].includes(type),
    )
    check(ends.length === (isTerminal(after) ? 1 : 0), 'the end')
  })
})

t.test('every change of an attempt’s state is in the log', async () => {
  whateverHappens((seen) => {
    const named = new Set(seen.entries.map(({ data }) => data['attempt']))
    for (const [attempt, now] of changes(seen)) {
      if (now.state !== attempt.state) check(named.has(now.id), `${attempt.state} → ${now.state} is not told`)
    }
  })
})

t.test('the log is JSON, and holds no prompt', async () => {
  whateverHappens(({ entries }) => {
    const text = JSON.stringify(entries)
    check(!text.includes(PROMPT_MARK), 'a prompt')
    check(JSON.stringify(JSON.parse(text)) === text, 'not JSON')
    for (const { data } of entries) {
      const numbers = Object.values(data).filter((value) => typeof value === 'number')
      check(numbers.every(Number.isFinite), 'not JSON')
    }
  })
})

/** From here on every upstream works: what it has is found, rendered and served. */
const allWell: Move = {
  waitMs: 0,
  stray: null,
  back: 0,
  create: { type: 'accepted', job: { upstreamId: 'well', operation: 'well', model: null } },
  report: { type: 'completed', result: 'well', model: null },
  cancel: { type: 'not_cancelled', message: 'too late' },
  start: 'attempt',
  bind: 'ready',
  find: 'cannot list',
  archive: 'archived',
  dies: false,
  chargedOn: 'success',
}

function finish(play: Play, move: Move, most: number): void {
  for (let count = 0; count < most; count++) if (!playMove(play, move)) return
  throw new Error(`still busy after ${most} steps: ${JSON.stringify(play.generation)}`)
}

t.test(
  'whatever happened, once upstreams answer again everything ends, and every bill is settled or told as unknown',
  async () => {
    fc.assert(
      fc.property(routings, moves(5, true), (routing, moves) => {
        const play = newPlay(routing)
        for (const move of moves) if (!playMove(play, move)) break
        finish(play, allWell, 60)
        check(isTerminal(play.generation), 'not at its end')
        for (const { state } of play.generation.attempts)
          check(state === 'succeeded' || state === 'failed' || state === 'unknown', `left ${state}`)
      }),
      { numRuns: RUNS },
    )
  },
)

t.test('jobs that never say another word leave nothing to do after the watch', async () => {
  const silent: Move = {
    ...allWell,
    report: { type: 'unreachable', message: 'no route', retryAfterMs: null },
    start: 'none',
    find: 'not listed',
    archive: 'delayed',
    cancel: { type: 'unsupported' },
  }
  fc.assert(
    fc.property(routings, moves(5, true), (routing, moves) => {
      const play = newPlay(routing)
      for (const move of moves) if (!playMove(play, move)) break
      finish(play, silent, 20_000)
      check(isTerminal(play.generation), 'not at its end')
      check(play.now - play.generation.createdAt < 40 * 3600 * SECOND, 'watched for too long')
    }),
    { numRuns: 12 },
  )
})

t.test('the upstream that is paid twice for one video is one that the caller said may be', async () => {
  fc.assert(
    fc.property(moves(5, true), (moves) => {
      const play = newPlay({ onUnknown: 'fail' })
      for (const move of moves) if (!playMove(play, { ...move, chargedOn: 'success' })) break
      finish(play, allWell, 60)
      const bills = play.generation.attempts.filter(({ costMicros }) => costMicros > 0)
      check(bills.length <= 1, 'two bills')
      const delivered = play.generation.video !== null
      const kept = play.generation.attempts.some(({ state }) => state === 'succeeded')
      check(play.generation.status === 'cancelled' || delivered === kept, 'paid for, and lost')
    }),
    { numRuns: RUNS },
  )
})
