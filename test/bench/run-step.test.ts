import t from 'tap'
import { runStep } from '../../bench/rows/run-step.ts'

t.test('a program that hangs is ended at its deadline, and told as not measured', async (t) => {
  const { outcome, isBelowFloor } = await runStep({
    name: 'hangs',
    script: '../test/bench/hangs.ts',
    args: [],
    folder: t.testdir({}),
    deadlineMs: 300,
  })
  t.strictSame(outcome, { type: 'failed', why: 'it had not ended after 0.005 minutes' })
  t.equal(isBelowFloor, false)
})

t.test('what a program measured is read, and what a program says before it fails is told', async (t) => {
  const step = { name: 'polls', script: 'polls.ts', folder: t.testdir({}), deadlineMs: 300_000 }
  const { outcome } = await runStep({ ...step, args: ['--rounds', '1'] })
  t.match(outcome, {
    type: 'measured',
    figures: [{ name: 'spread evenly from 83 to 253 s: polls / every 5 s', unit: '', digits: 2 }],
  })
  const failed = await runStep({ ...step, folder: t.testdir({}), args: ['--rounds', 'none'] })
  t.strictSame(failed.outcome, { type: 'failed', why: 'it ended with 1' })
  t.match(failed.said, 'rounds')
})
