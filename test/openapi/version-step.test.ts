import t from 'tap'
import { neededStep } from '../../openapi/breaking/version-step.ts'

const same = { breaks: false, differs: false }
const more = { breaks: false, differs: true }
const breaks = { breaks: true, differs: true }

t.test('what breaks callers needs a new major version, what else differs a new minor one', (t) => {
  const taken = [
    ['1.2.3', '1.2.3', same],
    ['1.2.3', '1.2.4', same],
    ['1.2.3', '1.3.0', more],
    ['1.2.3', '2.0.0', more],
    ['1.2.3', '2.0.0', breaks],
    ['0.4.0', '0.5.0', breaks],
    ['0.4.0', '1.0.0', breaks],
  ] as const
  for (const [from, to, change] of taken) t.equal(neededStep(from, to, change), null, `${from} to ${to}`)

  const refused = [
    ['1.2.3', '1.2.4', more, '1.3.0'],
    ['1.2.3', '1.2.3', more, '1.3.0'],
    ['1.2.3', '1.9.0', breaks, '2.0.0'],
    ['0.4.0', '0.4.1', breaks, '0.5.0'],
    ['1.2.3', '1.2.2', same, 'is released'],
    ['1.10.0', '1.9.0', more, 'is released'],
    ['1.2', '1.2.0', same, 'no version'],
  ] as const
  for (const [from, to, change, says] of refused)
    t.match(neededStep(from, to, change), says, `${from} to ${to}`)
  t.end()
})
