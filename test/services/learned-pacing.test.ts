import t from 'tap'
import { createLearnedPacing } from '../../src/gateway/services/advance/learned-pacing.ts'

const second = 1000
const minute = 60 * second
const spec = {
  id: 'reseller',
  poll: { firstAfterMs: 10 * second, everyMs: 5 * second },
  stallMs: 10 * minute,
}
const job = { model: 'sora-2', durationSeconds: 10, submittedAt: 0, askedAt: null }

/** Jobs that take two minutes, found between two polls. */
function learntPacing(of = spec, jobs = 30) {
  const pacing = createLearnedPacing()
  for (let count = 0; count < jobs; count++)
    pacing.finished(of, { ...job, askedAt: 2 * minute - 2 * second }, 2 * minute + 2 * second)
  return pacing
}

t.test('polls are as configured until enough jobs of a kind have finished', async (t) => {
  const pacing = learntPacing(spec, 19)
  t.equal(pacing.firstAfterMs(spec, job), 10 * second)
  t.equal(pacing.everyMs(spec, job, minute), 5 * second)
})

t.test('once they have, the first poll comes shortly before their end', async (t) => {
  const pacing = learntPacing()
  t.equal(pacing.firstAfterMs(spec, job), 2 * minute - 2.5 * second)
})

t.test('what is learnt of one upstream, model or length says nothing of another', async (t) => {
  const pacing = learntPacing()
  t.equal(pacing.firstAfterMs({ ...spec, id: 'other' }, job), 10 * second)
  t.equal(pacing.firstAfterMs(spec, { ...job, model: 'sora-2-pro' }), 10 * second)
  t.equal(pacing.firstAfterMs(spec, { ...job, durationSeconds: 15 }), 10 * second)
})

t.test('a vendor that gets faster is polled sooner again, step by step', async (t) => {
  const pacing = learntPacing()
  const first: number[] = []
  for (let count = 0; count < 20; count++) {
    // Always found by the first poll, since it was done long before.
    for (let finished = 0; finished < 128; finished++)
      pacing.finished(spec, job, pacing.firstAfterMs(spec, job))
    first.push(pacing.firstAfterMs(spec, job))
  }
  t.strictSame(
    first,
    first.toSorted((a, b) => b - a),
  )
  t.ok((first.at(-1) ?? 0) < minute, `${first.at(-1)} ms`)
})

t.test('a job is asked often enough not to count as stalled', async (t) => {
  const impatient = { ...spec, stallMs: 40 * second }
  const pacing = learntPacing(impatient)
  t.equal(pacing.firstAfterMs(impatient, job), 10 * second)
  for (let at = 0; at < 3 * minute; at += 5 * second) t.ok(pacing.everyMs(impatient, job, at) <= 10 * second)
})

t.test('`poll.learn: false` keeps to the configured times', async (t) => {
  const fixed = { ...spec, poll: { ...spec.poll, learns: false } }
  t.equal(learntPacing(fixed).firstAfterMs(fixed, job), 10 * second)
  t.equal(learntPacing(fixed).everyMs(fixed, job, minute), 5 * second)
})

t.test('a clock that was set back teaches nothing', async (t) => {
  const pacing = createLearnedPacing()
  for (let count = 0; count < 40; count++) pacing.finished(spec, { ...job, submittedAt: minute }, 30 * second)
  t.equal(pacing.firstAfterMs(spec, job), 10 * second)
})
