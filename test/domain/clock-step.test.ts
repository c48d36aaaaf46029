import t from 'tap'
import { T0, SECOND, aGeneration, anAttempt } from './builders.ts'
import { transition } from '../../src/gateway/domain/attempts/transition.ts'
import { withShownTimes } from '../../src/gateway/domain/generation/shown-times.ts'
import { broughtBack, setBackMs } from '../../src/gateway/domain/scheduling/clock-step.ts'

const hour = 3_600_000
const before = { wall: 10 * hour, monotonic: 500 }

for (const [name, wall, passed, back] of [
  ['time that passes', 10 * hour + 1000, 1000, 0],
  ['a long pause of the process', 11 * hour, hour, 0],
  ['a clock that is slewed', 10 * hour, 1000, 0],
  ['a clock that is put forward', 11 * hour, 1000, 0],
  ['a clock that is set back an hour', 9 * hour + 1000, 1000, hour],
  ['a clock that is set back less than passed', 10 * hour + 1000, 6000, 5000],
] as const) {
  t.test(`${name}: set back by ${back} ms`, async (t) => {
    t.equal(setBackMs(before, { wall, monotonic: 500 + passed }), back)
  })
}

t.test('what lies ahead comes as soon as it would have come; what has come stays', async (t) => {
  t.equal(broughtBack(hour + 5000, hour, 1000), 5000)
  t.equal(broughtBack(hour + 5000, 2 * hour, 1000), 1000)
  t.equal(broughtBack(900, hour, 1000), 900)
})

t.test('an open attempt is counted from the same moments by the clock as it is now', async (t) => {
  const attempt = anAttempt({
    state: 'unknown',
    startedAt: T0 + SECOND,
    submittedAt: T0 + 2 * SECOND,
    lastChangeAt: T0 + 3 * SECOND,
    deadlineAt: T0 + 900 * SECOND,
    holdUntil: T0 + 600 * SECOND,
    dueAt: T0 + 5 * SECOND,
  })
  const at = T0 + 4 * SECOND - hour
  const open = aGeneration({}, { status: 'in_progress', nextAttemptAt: null, attempts: [attempt] })
  const { generation } = transition(open, { type: 'clock_set_back', at, byMs: hour })
  t.match(generation.attempts, [
    {
      submittedAt: attempt.submittedAt === null ? null : attempt.submittedAt - hour,
      lastChangeAt: attempt.lastChangeAt - hour,
      deadlineAt: attempt.deadlineAt - hour,
      holdUntil: T0 + 600 * SECOND - hour,
      dueAt: T0 + 5 * SECOND - hour,
    },
  ])
  t.equal(generation.deadlineAt, open.deadlineAt, 'the caller was told of this one')
})

t.test('what a caller is shown starts after it was submitted and ends after it started', async (t) => {
  const ended = { state: 'succeeded', startedAt: T0 - hour, endedAt: T0 - hour + 30 * SECOND } as const
  const early = aGeneration({}, { attempts: [anAttempt(ended)], completedAt: T0 - hour + 31 * SECOND })
  t.match(withShownTimes(early), {
    attempts: [{ startedAt: T0, endedAt: T0 }],
    completedAt: T0,
  })
  const across = anAttempt({ ...ended, startedAt: T0 + SECOND })
  t.match(withShownTimes({ ...early, attempts: [across] }), {
    attempts: [{ startedAt: T0 + SECOND, endedAt: T0 + SECOND }],
    completedAt: T0 + SECOND,
  })
})
