import * as fc from 'fast-check'
import t from 'tap'
import { isTerminal } from '../../src/gateway/domain/generation/liveness.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { withShownTimes } from '../../src/gateway/domain/generation/shown-times.ts'
import { nextStep } from '../../src/gateway/domain/scheduling/next-step.ts'
import { PROMPT_MARK, SECOND } from './builders.ts'
import { moves, newPlay, playMove, routings } from './lifecycle-play.ts'
import type { Move, Seen } from './lifecycle-play.ts'
import { RUNS, whateverHappens, check, changes, allWell, finish } from './lifecycle-histories.ts'

const farFuture = 1e15

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

/** A person accepted two bills after the end. */
function isReopened({ before, event, after }: Seen): boolean {
  return event.type === 'resubmitted' && isTerminal(before) && !isTerminal(after)
}

t.test(
  'the end of a generation is final, but for an unknown outcome and somebody who accepts two bills',
  async () => {
    whateverHappens((seen) => {
      const { before, after } = seen
      if (!isTerminal(before)) return
      if (isReopened(seen)) {
        check(
          before.status === 'failed' && before.error?.code === 'outcome_unknown',
          'reopened for another reason',
        )
        check(
          after.video === null && after.attempts.length === before.attempts.length,
          'reopened with a video',
        )
        return
      }
      check(after.status === before.status, 'another status')
      check(after.completedAt === before.completedAt, 'another end')
      check(JSON.stringify(after.error) === JSON.stringify(before.error), 'another error')
      check(after.attempts.length === before.attempts.length, 'another attempt')
    })
  },
)

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
    // A cancel response without a request is the only event that no step of ours can cause.
    if (isTerminal(after) || event.type === 'cancel_answered') return
    check(after.dueAt !== null, 'nothing due')
  })
})

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

t.test('a requested poll only makes the next poll earlier', async () => {
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

t.test(
  'a deadline moves only at a release, by the time that was held, and starts anew where it is sent again',
  async () => {
    whateverHappens(({ before, event, after }) => {
      const heldMs = event.type === 'restore_released' ? event.at - (before.heldSince ?? event.at) : 0
      const movedMs = after.deadlineAt - before.deadlineAt
      const isAnew =
        event.type === 'resubmitted' && after.deadlineAt === event.at + after.request.routing.deadlineMs
      check(movedMs === 0 || movedMs === heldMs || isAnew, 'another deadline')
      for (const [index, { deadlineAt }] of before.attempts.entries()) {
        const attemptMs = (after.attempts[index]?.deadlineAt ?? 0) - deadlineAt
        check(attemptMs === 0 || attemptMs === heldMs, 'another deadline of an attempt')
      }
    })
  },
)

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
    const reopened = [...earlier, { before, event, after, entries }].filter(isReopened)
    check(ends.length - reopened.length === (isTerminal(after) ? 1 : 0), 'the end')
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
