import { join } from 'node:path'
import t from 'tap'
import { root, textOf } from '../docs/files.ts'
import { promtool, skipWithout } from './programs.ts'
import { rulesOf, testsOf } from './rules.ts'

const skip = skipWithout('promtool')
const folder = join(root, 'deploy/observe')
const rules = rulesOf(textOf('deploy/observe/rules.yml'))
const tests = testsOf(textOf('deploy/observe/rules.test.yml'))

t.test('Prometheus takes the rules', { skip }, async (t) => {
  t.equal(await promtool('check', 'rules', join(folder, 'rules.yml')), null)
})

t.test('each alert is quiet below its threshold and before its time, and fires then', { skip }, async (t) => {
  t.equal(await promtool('test', 'rules', join(folder, 'rules.test.yml')), null)
})

t.test('groups are evaluated in the order of the file', (t) => {
  t.same(
    tests.group_eval_order,
    rules.groups.map(({ name }) => name),
  )
  t.end()
})
