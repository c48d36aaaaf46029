import t from 'tap'
import { reportOf, violationsOf } from './report.ts'
import { forget, runFaults } from './run.ts'

// Half a minute of load, and as long again until everything has come to its end; much more beside other work.
t.setTimeout(280_000)

t.test('half a minute of faults from outside stops nothing, loses nothing and holds nobody up', async (t) => {
  const result = await runFaults({ seed: 12, minutes: 0.5, perSecond: 4, say: (text) => t.comment(text) })
  const violations = violationsOf(result)
  t.comment(reportOf(result))
  t.same(violations, [])
  t.ok(result.finding.cases.length >= 20, `${result.finding.cases.length} accepted`)
  t.ok(result.acts.size >= 4, `done to the gateway: ${[...result.acts.keys()].join(', ')}`)
  t.ok(result.weather.size >= 4, `connections spoilt: ${[...result.weather.keys()].join(', ')}`)
  if (violations.length === 0) await forget(result)
})
