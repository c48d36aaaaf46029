import * as fc from 'fast-check'
import t from 'tap'
import { isLive, isTerminal } from '../../src/gateway/domain/generation/liveness.ts'
import type { Attempt, AttemptState, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { isPassedOver } from '../../src/gateway/domain/attempts/passed-over.ts'
import { moves, newPlay, playMove } from './lifecycle-play.ts'
import { RUNS, whateverHappens, check, changes, allWell, finish } from './lifecycle-histories.ts'

function paid({ attempts }: Generation): number {
  return attempts.reduce((sum, { costMicros }) => sum + costMicros, 0)
}

/** A job appeared that an operator had resolved as not accepted: it continues beside any later attempt. */
function isContradicted({ resolution }: Attempt): boolean {
  return resolution !== null && resolution.contradiction !== null
}

function isReopened(before: Attempt, now: Attempt): boolean {
  return !isContradicted(before) && isContradicted(now)
}

t.test('at most one attempt is live, unless the caller or a person takes the risk of two', async () => {
  whateverHappens(({ after }) => {
    if (after.request.routing.onUnknown === 'fallback' || after.attempts.some(isContradicted)) return
    if (after.attempts.some(isPassedOver)) return
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
      for (const attempt of before.attempts) {
        const { state, failure } = attempt
        check(state !== 'succeeded' && state !== 'archiving', 'after a success')
        if (state === 'failed') continue
        const isAccepted = before.request.routing.onUnknown === 'fallback' || isPassedOver(attempt)
        check(isAccepted && failure !== null, 'after an open outcome')
      }
      const last = before.attempts.at(-1)
      if (before.attempts.some(isPassedOver)) return
      if (last?.state === 'failed' && before.request.routing.onUnknown === 'fail')
        check(last.failure?.fallback === true, 'after a final verdict')
    })
  },
)

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

/** The job of an attempt resolved as not accepted is still searched for after its end. */
function ended(attempt: Attempt): string {
  const { dueAt: _due, ...rest } = attempt
  return JSON.stringify(attempt.resolution?.verdict === 'not_taken' ? rest : attempt)
}

function besidesMoney(attempt: Attempt): string {
  const { resolution: _said, costMicros: _cost, costSource: _by, listMicros: _list, ...rest } = attempt
  return JSON.stringify(rest)
}

/** A person said what the bill has of it. Nothing but the money of it changes, and only once. */
function isBillChecked(before: Attempt, now: Attempt): boolean {
  const { verdict } = now.resolution ?? {}
  if (verdict !== 'charged' && verdict !== 'not_charged') return false
  if (before.resolution?.verdict === verdict) return false
  check(
    before.costState === 'settled' && before.costMicros > 0 && !before.delivered,
    'nothing was paid in vain',
  )
  check(before.resolution === null || isContradicted(before), 'resolved twice')
  check(besidesMoney(before) === besidesMoney(now), 'changed besides its money')
  check(now.costMicros === (verdict === 'charged' ? before.costMicros : 0), 'another cost')
  return true
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
      if (isLive(attempt) || isReopened(attempt, now) || isBillChecked(attempt, now)) continue
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
      if (isBillChecked(attempt, now)) continue
      check(now.costState === 'settled' && now.costMicros === attempt.costMicros, 'settled twice')
    }
    for (const attempt of seen.after.attempts) {
      const { costState, costMicros, reservedMicros, state, cancelAsked } = attempt
      check(costMicros === 0 || (costState === 'settled' && costMicros === reservedMicros), 'the cost')
      // A job that disappeared after a cancel may have been charged; nobody knows.
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
    const isCorrected = seen.event.type === 'charge_resolved'
    check((isCorrected || paid(seen.after) >= paid(seen.before)) && paid(seen.before) >= 0, 'paid back')
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

t.test('attempts only append, and what was chosen for one never changes', async () => {
  whateverHappens((seen) => {
    for (const [attempt, now] of changes(seen)) check(chosenFor(attempt) === chosenFor(now), 'another choice')
    check(seen.after.attempts.length - seen.before.attempts.length <= 1, 'two at once')
    const same = ['id', 'tenant', 'key', 'allow', 'request', 'plan', 'createdAt'] as const
    for (const key of same) check(seen.after[key] === seen.before[key], `another ${key}`)
  })
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
