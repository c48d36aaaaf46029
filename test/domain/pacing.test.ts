import * as fc from 'fast-check'
import t from 'tap'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import {
  admit,
  backoffMs,
  nextArchiveAt,
  nextPollAt,
  nextReconcileAt,
} from '../../src/gateway/domain/scheduling/poll-pacing.ts'
import { anAttempt, aSpec, completed, HOLD_MS, running, SECOND, T0, WATCH_MS } from './builders.ts'

const spec = aSpec({ poll: { firstAfterMs: 20 * SECOND, everyMs: 5 * SECOND } })
const inProgress = { createdAt: T0, completedAt: null, deadlineAt: 10_000_000_000_000 }
const deadlineAt = T0 + 900 * SECOND
const at = (now: number): { now: number; watchMs: number } => ({ now, watchMs: WATCH_MS })

t.test('a pause doubles from one second and stops growing at its ceiling', async (t) => {
  t.same(
    [0, 1, 2, 3, 4, 5, 6, 50, 5000].map((tries) => backoffMs(tries, 30 * SECOND)),
    [1, 2, 4, 8, 16, 30, 30, 30, 30].map((seconds) => seconds * SECOND),
  )
})

t.test('a running job is asked about at the pace of its upstream, or as late as that asks for', async (t) => {
  const attempt = { state: 'running' as const, deadlineAt }
  const rows: Array<[JobReport, number]> = [
    [running(), 5 * SECOND],
    [running(null, 'queued', 30 * SECOND), 30 * SECOND],
    [running(null, 'queued', 1), 5 * SECOND],
    [{ type: 'unreachable', message: '503', retryAfterMs: 60 * SECOND }, 60 * SECOND],
    [{ type: 'not_found', message: '404' }, 5 * SECOND],
    [completed, 5 * SECOND],
  ]
  for (const [report, wait] of rows)
    t.equal(nextPollAt(report, { spec, generation: inProgress, attempt, ...at(T0) }), T0 + wait)
  t.equal(
    nextPollAt(running(), { spec, generation: inProgress, attempt, ...at(T0 + 10 * WATCH_MS) }),
    T0 + 10 * WATCH_MS + 5 * SECOND,
    'a generation that goes on is never left alone',
  )
})

t.test('an abandoned job is asked about ever less often, and not at all after a day', async (t) => {
  const attempt = { state: 'abandoned' as const, deadlineAt }
  const waitAt = (now: number): number | null => {
    const next = nextPollAt(running(), { spec, generation: inProgress, attempt, ...at(now) })
    return next === null ? null : next - now
  }
  t.equal(waitAt(deadlineAt - 1), 5 * SECOND)
  t.equal(waitAt(deadlineAt + 100 * SECOND), 10 * SECOND)
  t.equal(waitAt(deadlineAt + 3600 * SECOND), 60 * SECOND)
  t.equal(waitAt(T0 + WATCH_MS - 1), 60 * SECOND)
  t.equal(waitAt(T0 + WATCH_MS), null)
})

t.test(
  'the job of an unknown create is looked for soon, then each minute, and at the end of its hold',
  async (t) => {
    const attempt = { submittedAt: T0, holdUntil: T0 + HOLD_MS }
    const waitAt = (now: number): number | null => {
      const next = nextReconcileAt({ createdAt: T0 }, attempt, at(now))
      return next === null ? null : next - now
    }
    t.equal(waitAt(T0), SECOND)
    t.equal(waitAt(T0 + 40 * SECOND), 10 * SECOND)
    t.equal(waitAt(T0 + 300 * SECOND), 60 * SECOND)
    t.equal(waitAt(T0 + HOLD_MS - 3 * SECOND), 3 * SECOND)
    t.equal(waitAt(T0 + HOLD_MS), 60 * SECOND)
    t.equal(waitAt(T0 + WATCH_MS), null)
    t.equal(nextReconcileAt({ createdAt: T0 }, anAttempt({ submittedAt: null }), at(T0)), T0 + SECOND)
  },
)

const failing = { gone: false, full: false, retryAfterMs: null }

t.test('a download is tried for about twenty minutes, and as late as the upstream asks for', async (t) => {
  let now = T0
  let archiveTries = 0
  for (;;) {
    const next = nextArchiveAt({ archiveTries, notFound: 0 }, failing, now)
    if (next === null) break
    t.ok(next > now)
    now = next
    archiveTries += 1
  }
  t.equal(archiveTries, 24)
  t.ok(now - T0 > 15 * 60 * SECOND && now - T0 < 25 * 60 * SECOND)
  const first = { archiveTries: 0, notFound: 0 }
  t.equal(nextArchiveAt(first, { gone: false, full: false, retryAfterMs: 30 * SECOND }, T0), T0 + 30 * SECOND)
  t.equal(nextArchiveAt(first, { gone: false, full: false, retryAfterMs: 5 }, T0), T0 + SECOND)
  t.equal(nextArchiveAt({ archiveTries: 24, notFound: 0 }, failing, T0), null)
})

t.test(
  'a video is gone when that was said three times in a row, twenty seconds apart at least',
  async (t) => {
    const gone = { gone: true, full: false, retryAfterMs: null }
    for (const archiveTries of [0, 1, 2]) {
      t.equal(nextArchiveAt({ archiveTries, notFound: 0 }, gone, T0), T0 + 20 * SECOND)
      t.equal(nextArchiveAt({ archiveTries, notFound: 1 }, gone, T0), T0 + 20 * SECOND)
      t.equal(nextArchiveAt({ archiveTries, notFound: 2 }, gone, T0), null)
      t.not(nextArchiveAt({ archiveTries, notFound: 2 }, failing, T0), null)
    }
  },
)

t.test('every instant is a whole millisecond, for a store that takes no fractions', async () => {
  const elapsed = fc.integer({ min: 0, max: 2 * WATCH_MS })
  const hint = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }))
  fc.assert(
    fc.property(elapsed, hint, fc.constantFrom('running', 'abandoned'), (elapsed, retryAfterMs, state) => {
      const report: JobReport = { type: 'unreachable', message: '', retryAfterMs }
      const now = T0 + elapsed
      const instants = [
        nextPollAt(report, { spec, generation: inProgress, attempt: { state, deadlineAt }, ...at(now) }),
        nextReconcileAt(inProgress, { submittedAt: T0, holdUntil: null }, at(now)),
      ]
      for (const instant of instants)
        if (instant !== null && !(Number.isInteger(instant) && instant > now)) throw new Error(`${instant}`)
    }),
  )
})

/** The results of a caller that arrives at these times, and retries when it is told to. */
function admitted(arrivals: number[], intervalMs: number, burst: number): number[] {
  const times: number[] = []
  let slot = 0
  for (const now of arrivals) {
    const admission = admit(slot, now, intervalMs, burst)
    if (!admission.admitted) continue
    slot = admission.slot
    times.push(now)
  }
  return times
}

// Multiples of 1/8, so that sums are exact: rounding adds at most one millisecond of waiting.
const intervals = fc.integer({ min: 1, max: 200_000 }).map((eighths) => eighths / 8)
const bursts = fc.integer({ min: 1, max: 10 })
const arrivals = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })), { maxLength: 60, size: 'max' })
  .map((gaps) => {
    let now = T0
    return gaps.map((gap) => (now += gap))
  })

t.test('in any window no more are admitted than the burst and what has elapsed', async () => {
  fc.assert(
    fc.property(arrivals, intervals, bursts, (arrivals, intervalMs, burst) => {
      const times = admitted(arrivals, intervalMs, burst)
      for (const [first, from] of times.entries()) {
        for (const [index, to] of times.slice(first).entries()) {
          const most = burst + (to - from) / intervalMs
          if (index + 1 > most + 1e-6) throw new Error(`${index + 1} within ${to - from} ms, not ${most}`)
        }
      }
    }),
    { numRuns: 500 },
  )
})

t.test('a full burst is admitted at once, and whoever waits as long as told is admitted', async () => {
  fc.assert(
    fc.property(arrivals, intervals, bursts, (arrivals, intervalMs, burst) => {
      let slot = 0
      const start = T0
      for (let count = 0; count < burst; count++) {
        const admission = admit(slot, start, intervalMs, burst)
        if (!admission.admitted) throw new Error(`only ${count} of ${burst}`)
        slot = admission.slot
      }
      for (const now of arrivals) {
        const admission = admit(slot, now, intervalMs, burst)
        if (admission.admitted) {
          slot = admission.slot
          continue
        }
        const { retryAt } = admission
        if (!Number.isInteger(retryAt) || retryAt <= now) throw new Error(`retry at ${retryAt}`)
        if (retryAt - now > intervalMs * burst + 1) throw new Error('longer than the whole burst')
        if (!admit(slot, retryAt, intervalMs, burst).admitted) throw new Error('turned away again')
      }
    }),
    { numRuns: 500 },
  )
})

t.test('a clock that is set back by an hour does not stop the calls of that hour', async (t) => {
  const first = admit(0, T0, 1000, 2)
  const slot = first.admitted ? first.slot : 0
  t.equal(admit(slot, T0 - 3_600_000, 1000, 2).admitted, true)
})
