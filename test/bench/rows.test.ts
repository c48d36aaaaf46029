import t from 'tap'
import type { Figure } from '../../bench/program.ts'
import { judge, rows, shownTable } from '../../bench/rows/rows.ts'
import type { Row } from '../../bench/rows/rows.ts'
import { stepNames } from '../../bench/rows/steps.ts'

const figure = (values: number[], digits = 0): Figure => ({ name: 'sent', unit: '1/s', digits, values })
const row = (goal: Row['goal']): Row => ({ what: 'creates', step: 'backlog', figure: 'sent', goal })
const judged = (values: number[], goal: Row['goal'], digits = 0) =>
  judge(row(goal), { type: 'measured', figures: [figure(values, digits)] })

const verdicts: Array<[string, number[], Row['goal'], number, object]> = [
  ['as much as is wanted', [3000], { least: 3000 }, 0, { type: 'met' }],
  ['the median counts, not the best', [500, 1000, 9000], { least: 3000 }, 0, { type: 'missed', times: 3 }],
  ['as little as is wanted', [500], { most: 500 }, 0, { type: 'met' }],
  ['too much', [750], { most: 500 }, 0, { type: 'missed', times: 1.5 }],
  ['what is shown as the goal meets it', [0.4951], { least: 0.5 }, 2, { type: 'met' }],
  ['what is shown as less does not', [0.494], { least: 0.5 }, 2, { type: 'missed', times: 0.5 / 0.49 }],
  ['nothing is wanted', [1], null, 0, { type: 'shown' }],
]

for (const [name, values, goal, digits, verdict] of verdicts)
  t.test(name, async (t) => {
    t.strictSame(judged(values, goal, digits).verdict, verdict)
  })

t.test(
  'a program that left a figure out did not run it, and one that failed did not measure it',
  async (t) => {
    const goal = { least: 1 }
    t.strictSame(judge(row(goal), { type: 'measured', figures: [] }).verdict, { type: 'not run' })
    t.strictSame(judge(row(goal), { type: 'failed', why: 'it ended with 1' }).verdict, {
      type: 'not measured',
    })
  },
)

t.test('the table has the unit, the spread, the goal and by how much it is missed', async (t) => {
  const shown = shownTable([
    judged([900, 1000, 1200], { least: 3000 }),
    judged([0.52], { most: 0.5 }, 2),
    judge(row({ least: 1 }), { type: 'failed', why: 'it ended with 1' }),
  ])
  t.match(shown, /^\| creates +\| 1000 1\/s \(900-1200\) +\| ≥ 3000 +\| missed by 3\.0 × +\|$/m)
  t.match(shown, /^\| creates +\| 0\.52 1\/s \(0\.52-0\.52\) +\| ≤ 0\.5 +\| missed by 1\.04 × +\|$/m)
  t.match(shown, /^\| creates +\| +\| ≥ 1 +\| not measured +\|$/m)
})

t.test('every step has a row, and no row is there twice', async (t) => {
  t.strictSame(new Set(rows.map(({ step }) => step)), new Set(stepNames))
  t.equal(new Set(rows.map(({ what }) => what)).size, rows.length)
})
