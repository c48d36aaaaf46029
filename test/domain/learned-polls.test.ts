import t from 'tap'
import {
  compare,
  createDraw,
  everyMs,
  learn,
  otherDurations,
  seenAtAReseller,
} from '../../bench/polls/asked.ts'
import {
  firstPollAfterMs,
  learnPolls,
  pollIntervalMs,
} from '../../src/gateway/domain/scheduling/learned-polls.ts'

const second = 1000

const cases = [
  { durations: seenAtAReseller, share: 0.52 },
  { durations: otherDurations.closeTogether, share: 0.35 },
  { durations: otherDurations.longTail, share: 0.65 },
  { durations: otherDurations.twoQueues, share: 0.55 },
]

for (const { durations, share } of cases)
  t.test(`durations ${durations.name}: fewer polls, and videos are found about as soon`, async (t) => {
    const { polls, late } = compare(durations, createDraw(1))
    t.comment(`${polls.toFixed(2)} of the polls, ${late.toFixed(2)} of the delay`)
    t.ok(polls <= share, `${polls.toFixed(2)} of the polls`)
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
