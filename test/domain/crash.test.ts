import t from 'tap'
import { asideMs, crashPoints, isSuspect } from '../../src/gateway/domain/scheduling/crash.ts'

const minute = 60_000

t.test('what was in hand at three uncaught errors is set aside, ever longer, a day at most', async (t) => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 50].map((errors) => asideMs(errors * crashPoints.uncaughtError))
  t.same(
    pauses,
    [null, null, 10, 40, 160, 640, 1440, 1440].map((each) => each && each * minute),
  )
})

t.test('after two of them it is worked on alone', async (t) => {
  t.same(
    [0, 1, 2, 3].map((errors) => isSuspect(errors * crashPoints.uncaughtError)),
    [false, false, true, true],
  )
})

t.test('a kill says a tenth of what an error says', async (t) => {
  t.equal(isSuspect(19 * crashPoints.killed), false)
  t.equal(asideMs(29 * crashPoints.killed), null)
  t.equal(asideMs(30 * crashPoints.killed), 10 * minute)
})
