import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { root, textOf } from '../docs/files.ts'
import { dashboardOf, queriesOf } from './dashboard.ts'
import { promtool, skipWithout } from './programs.ts'
import { rulesOf, testsOf } from './rules.ts'

const skip = skipWithout('promtool')
const folder = join(root, 'deploy/observe')
const rules = rulesOf(textOf('deploy/observe/rules.yml'))
const tests = testsOf(textOf('deploy/observe/rules.test.yml'))

/** Prometheus 2 can parse an expression only as a rule. */
function asRules(exprs: string[]): string {
  return stringify({
    groups: [{ name: 'queries', rules: exprs.map((expr, at) => ({ record: `query:${at}`, expr })) }],
  })
}

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

t.test('Prometheus takes its configuration, and every query of the dashboard', { skip }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-observe-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const key = '/run/secrets/observe_key'
  const config = textOf('deploy/observe/prometheus.yml')
  t.ok(config.includes(key))
  await cp(join(folder, 'rules.yml'), join(directory, 'rules.yml'))
  await writeFile(join(directory, 'key'), 'key')
  await writeFile(join(directory, 'prometheus.yml'), config.replace(key, 'key'))
  t.equal(await promtool('check', 'config', join(directory, 'prometheus.yml')), null)

  const queries = queriesOf(dashboardOf(textOf('deploy/observe/grafana/dashboards/understudy.json')))
  await writeFile(join(directory, 'queries.yml'), asRules(queries))
  t.equal(await promtool('check', 'rules', join(directory, 'queries.yml')), null)
  await writeFile(join(directory, 'faulty.yml'), asRules([...queries, 'sum(up']))
  t.match(await promtool('check', 'rules', join(directory, 'faulty.yml')), /unclosed left parenthesis/)
})
