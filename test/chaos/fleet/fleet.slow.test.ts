import t from 'tap'
import { reportOf } from './report.ts'
import { crashesOf, disturbancesOf, isClean, runFleet, skipsFleet } from './run.ts'
import { isExceeded } from './limits.ts'

const skip = skipsFleet('s3')
// It takes forty seconds on an idle machine, and as long as it takes on another one.
t.setTimeout(280_000)

t.test(
  'twenty disturbances of three nodes, their database and their bucket lose nothing, pay nothing twice and exceed no limit',
  { skip },
  async (t) => {
    const result = await runFleet({
      seed: 3,
      minutes: 2,
      disturbances: 20,
      paceMs: 700,
      roles: ['all', 'all', 'all'],
      media: 's3',
      perSecond: 4,
      deadlineSeconds: 60,
      patienceMs: 3000,
      say: (text) => t.comment(text),
    })
    const { finding, limits, disturbed, load } = result
    if (!isClean(result)) t.comment(reportOf(result))
    t.same(finding.violations, [])
    t.equal(finding.ledger.differenceUsd, 0)
    t.equal(crashesOf(result), 0, 'no node ended by itself')
    t.same(limits.filter(isExceeded), [])
    t.ok(disturbancesOf(result) >= 20, [...disturbed.counts].join(' '))
    t.ok(disturbed.counts.has('promote'), 'the standby took the place of its primary')
    t.ok(finding.cases.length >= 20, `${finding.cases.length} accepted`)
    t.ok(load.followed.length > 0, `${load.followed.length} followed`)
  },
)
