import t from 'tap'
import {
  firstPollAfterMs,
  learnPolls,
  pollIntervalMs,
} from '../../src/gateway/domain/scheduling/learned-polls.ts'
import type { LearnedPolls } from '../../src/gateway/domain/scheduling/learned-polls.ts'

const second = 1000
const everyMs = 5 * second
const configured = { firstAfterMs: 10 * second, everyMs }

/** The same numbers in each run. */
function createDraw(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const draw = createDraw()
const normal = (): number => Math.sqrt(-2 * Math.log(draw() + 1e-12)) * Math.cos(2 * Math.PI * draw())

function learn(times: readonly number[]): LearnedPolls {
  const learned = learnPolls(times, everyMs)
  if (learned === null) throw new Error(`${times.length} durations are too few`)
  return learned
}

interface Cost {
  polls: number
  lateMs: number
}

function askFor(tookMs: number, { first, next }: { first: number; next: (at: number) => number }): Cost {
  let at = first
  let polls = 1
  for (; at < tookMs; polls++) at += next(at)
  return { polls, lateMs: at - tookMs }
}

const asConfigured = { first: configured.firstAfterMs, next: () => everyMs }
const asLearned = (learned: LearnedPolls) => ({
  first: firstPollAfterMs(learned),
  next: (at: number) => pollIntervalMs(learned, at),
})

function mean(costs: readonly Cost[], of: keyof Cost): number {
  return costs.reduce((sum, cost) => sum + cost[of], 0) / costs.length
}

const cases = [
  // Identical jobs of one reseller took 83 to 253 seconds.
  { name: 'spread evenly from 83 to 253 s', tookMs: () => (83 + draw() * 170) * second, share: 0.52 },
  { name: 'close together at 2 minutes', tookMs: () => (120 + 15 * normal()) * second, share: 0.35 },
  { name: 'with a long tail', tookMs: () => 150 * second * Math.exp(0.34 * normal()), share: 0.65 },
  {
    name: 'of two queues, 30 s and 4 minutes',
    tookMs: () => (draw() < 0.3 ? 30 + 4 * normal() : 240 + 20 * normal()) * second,
    share: 0.55,
  },
]

for (const { name, tookMs, share } of cases)
  t.test(`durations ${name}: fewer polls, and videos are found about as soon`, async (t) => {
    const learned = learn(Array.from({ length: 128 }, tookMs))
    const jobs = Array.from({ length: 2000 }, tookMs)
    const before = jobs.map((took) => askFor(took, asConfigured))
    const after = jobs.map((took) => askFor(took, asLearned(learned)))
    const ratio = mean(after, 'polls') / mean(before, 'polls')
    const late = mean(after, 'lateMs') / mean(before, 'lateMs')
    t.comment(`${ratio.toFixed(2)} of the polls, ${late.toFixed(2)} of the delay`)
    t.ok(ratio <= share, `${ratio.toFixed(2)} of the polls`)
    t.ok(late <= 1.15, `${late.toFixed(2)} of the delay`)
  })

t.test('nothing is learnt from fewer than 20 jobs', async (t) => {
  t.equal(
    learnPolls(
      Array.from({ length: 19 }, () => 60 * second),
      everyMs,
    ),
    null,
  )
  t.not(
    learnPolls(
      Array.from({ length: 20 }, () => 60 * second),
      everyMs,
    ),
    null,
  )
})

t.test('intervals stay within their limits, whatever was learnt', async (t) => {
  for (const times of [
    Array.from({ length: 128 }, () => 60 * second),
    Array.from({ length: 128 }, () => 0),
    Array.from({ length: 128 }, (_, index) => index * index * 100),
  ]) {
    const learned = learn(times)
    t.ok(firstPollAfterMs(learned) >= everyMs / 2)
    for (let at = firstPollAfterMs(learned); at < 1000 * second; at += everyMs) {
      const interval = pollIntervalMs(learned, at)
      t.ok(interval >= everyMs / 2 && interval <= everyMs * 4, `${interval} ms at ${at} ms`)
    }
  }
})

t.test('a job that takes longer than any before is polled as configured', async (t) => {
  const learned = learn(Array.from({ length: 50 }, () => 60 * second))
  t.equal(pollIntervalMs(learned, 61 * second), everyMs)
})
