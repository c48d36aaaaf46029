import t from 'tap'
import { durationOf, lengthsOf } from '../../src/gateway/domain/routing/evaluation/supported-lengths.ts'
import { soleCandidate } from '../../src/gateway/domain/attempts/unowned-job.ts'
import { anAttempt, aSpec } from './builders.ts'

const attempt = anAttempt({
  durationSeconds: 8,
  size: '1280x720',
  startedAt: 1_000_000,
  submittedAt: 1_000_000,
  lastChangeAt: 1_020_000,
})
const job = { prompt: null, seconds: 8, size: '1280x720', createdAt: 1_001_000 }

t.test('the only job that fits in length, size and time is a candidate, and nothing else is', async (t) => {
  const slack = 10_000
  t.same(soleCandidate([job], attempt, slack), job)
  t.same(soleCandidate([{ prompt: null, createdAt: 1_001_000 }], attempt, slack)?.createdAt, 1_001_000)
  for (const other of [
    { ...job, seconds: 4 },
    { ...job, size: '720x1280' },
    { ...job, prompt: 'another' },
    { ...job, createdAt: null },
    { ...job, createdAt: 980_000 },
    { ...job, createdAt: 1_031_000 },
  ]) {
    t.equal(soleCandidate([other], attempt, slack), null, JSON.stringify(other))
    t.same(soleCandidate([other, job], attempt, slack), job)
  }
  t.equal(soleCandidate([job, { ...job }], attempt, slack), null, 'of two nobody knows which')
  t.equal(soleCandidate([], attempt, slack), null)
})

const of = (spec: Parameters<typeof aSpec>[0], asked: number) => durationOf(aSpec(spec), asked)

t.test('lengths where any is sold: whole ones rounded up, none beyond the longest', async (t) => {
  t.equal(of({ durations: null }, 4.5), 4.5)
  t.equal(of({ durations: null, wholeSeconds: true }, 4.5), 5)
  t.equal(of({ durations: null, wholeSeconds: true }, 4), 4)
  t.equal(of({ durations: null, maxSeconds: 60 }, 90), 60)
  t.equal(of({ durations: [4, 8], wholeSeconds: true, maxSeconds: 6 }, 4.5), 8, 'a list decides alone')
  t.match(lengthsOf(aSpec({ durations: null, wholeSeconds: true, maxSeconds: 60 })), 'whole numbers up to 60')
})
