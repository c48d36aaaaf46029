import t from 'tap'
import { orderOf } from './order.ts'
import { nextLife } from './plan.ts'
import { createRandom } from './random.ts'
import { reportOf } from './report.ts'
import { isClean, runChaos } from './run.ts'

// Twenty kills take ten seconds on an idle machine, and as long as they take on another one.
t.setTimeout(280_000)

t.test('twenty kills under load lose nothing, pay nothing twice, and the ledger agrees', async (t) => {
  const result = await runChaos({
    seed: 20,
    minutes: 3,
    kills: 20,
    perSecond: 6,
    deadlineSeconds: 15,
    patienceMs: 1500,
    say: (text) => t.comment(text),
  })
  const { kills, finding, load } = result
  if (!isClean(result)) t.comment(reportOf(result))
  t.same(finding.violations, [])
  t.equal(finding.ledger.differenceUsd, 0)
  t.equal(result.crashes, 0, 'no gateway ended by itself')
  t.ok(kills.named + kills.random >= 20, `${kills.named} at named points, ${kills.random} at random times`)
  t.ok(kills.points.size >= 3, `killed at ${[...kills.points.keys()].join(', ')}`)
  t.ok(finding.cases.length >= 20, `${finding.cases.length} accepted`)
  t.ok(load.followed.length > 0, `${load.followed.length} followed`)
})

t.test('a seed makes the same lives and the same orders again', async (t) => {
  t.same(planOf(20), planOf(20))
  t.notSame(planOf(20), planOf(21))
})

function planOf(seed: number): unknown[] {
  const lives = createRandom(seed, 'lives')
  return Array.from({ length: 50 }, (_, index) => [nextLife(lives), orderOf(seed, index, index % 2 === 1)])
}
