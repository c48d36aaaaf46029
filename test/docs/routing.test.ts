import t from 'tap'
import { comparators } from '../../src/gateway/domain/routing/comparators.ts'
import { filters } from '../../src/gateway/domain/routing/evaluation/filters.ts'
import { passingFilters } from '../../src/gateway/domain/routing/evaluation/passing-filters.ts'
import { textOf } from './files.ts'
import { tableUnder } from './markdown.ts'

const page = textOf('docs/ARCHITECTURE.md')

t.test('docs/ARCHITECTURE.md lists the filters of routing with their codes, in their order', async (t) => {
  for (const [heading, list] of [
    ['Filters (', filters],
    ['Then filters that', passingFilters],
  ] as const) {
    t.same(
      tableUnder(page, heading).rows,
      list.map(({ name, code }) => [name, `\`${code}\``]),
    )
  }
})

t.test('docs/ARCHITECTURE.md lists the comparators of routing, in their order', async (t) => {
  t.same(
    tableUnder(page, 'Comparators (').rows.map((row) => row.slice(0, 2)),
    comparators.map(({ name, priority }) => [name, priority === undefined ? 'both' : `\`${priority}\``]),
  )
})
