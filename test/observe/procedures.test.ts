import t from 'tap'
import { textOf } from '../docs/files.ts'
import { anchorsOf } from '../docs/markdown.ts'
import { dashboardOf } from './dashboard.ts'
import { alertsOf, rulesOf } from './rules.ts'

const rules = rulesOf(textOf('deploy/observe/rules.yml'))
const dashboard = dashboardOf(textOf('deploy/observe/grafana/dashboards/understudy.json'))
const headings = anchorsOf(textOf('docs/OPERATIONS.md'))

t.test('every alert leads to a procedure that exists, and says what is wrong in whole sentences', (t) => {
  for (const { alert, annotations } of alertsOf(rules)) {
    const [, anchor = ''] =
      /^\{\{ \$externalLabels\.repository \}\}docs\/OPERATIONS\.md#([a-z-]+)$/.exec(
        annotations.runbook_url,
      ) ?? []
    t.ok(headings.has(anchor), `${alert}: ${annotations.runbook_url}`)
    t.match(annotations.summary, /^[A-Z{][^]{30,}\.$/, alert)
  }
  t.end()
})

t.test('every procedure that a panel names exists', (t) => {
  const named = dashboard.panels.flatMap(({ description }) => [
    ...description.matchAll(/Procedure: ([^.]+)\./g),
  ])
  t.ok(named.length > 7)
  for (const [, title = ''] of named) t.ok(anchorsOf(`# ${title}`).isSubsetOf(headings), title)
  t.end()
})
