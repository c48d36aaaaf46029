import t from 'tap'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { countPoll, noPolls } from '../../src/gateway/services/traces/poll-spans.ts'

type Report = JobReport['type']

/** The numbers of the polls with a span. */
function shownOf(reports: Iterable<Report>): number[] {
  const shown: number[] = []
  let count = noPolls
  for (const report of reports) {
    const counted = countPoll(count, report)
    count = counted.next
    if (counted.shown) shown.push(count.polls)
  }
  return shown
}

function* times(number: number, ...reports: Report[]): Generator<Report> {
  for (let index = 0; index < number; index++) yield* reports
}

t.test('a render of an hour has a dozen spans of polls, and its end always has one', async (t) => {
  t.same(shownOf([...times(720, 'running'), 'completed']), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 721])
  t.same(shownOf([...times(2, 'running'), 'failed']), [1, 2, 3])
})

t.test('a poll that reports something else has a span, and so has the next that is as before', async (t) => {
  const reports: Report[] = [...times(8, 'running'), 'running', 'unreachable', 'unreachable', 'running']
  t.same(shownOf(reports), [1, 2, 4, 8, 10, 12])
})

t.test('an upstream that answers now this, now that, adds a bounded number of spans', async (t) => {
  t.equal(shownOf(times(5000, 'running', 'unreachable')).length, 32 + 14)
})
