import t from 'tap'
import {
  applicableStates,
  attemptPhases,
} from '../../src/gateway/domain/attempts/transitions/applicable-states.ts'
import type { AttemptPhase } from '../../src/gateway/domain/attempts/transitions/applicable-states.ts'
import { textOf } from './files.ts'
import { tableUnder } from './markdown.ts'

t.test('docs/ARCHITECTURE.md shows in which states of an attempt each event applies', async (t) => {
  const { header, rows } = tableUnder(textOf('docs/ARCHITECTURE.md'), '### Events and states')
  const rules: Array<[string, readonly AttemptPhase[]]> = Object.entries(applicableStates)
  const shown = attemptPhases.filter((phase) => rules.some(([, phases]) => phases.includes(phase)))
  t.same(header, ['event', ...shown.map((phase) => `\`${phase}\``)])
  t.same(
    rows,
    rules.map(([event, phases]) => [
      `\`${event}\``,
      ...shown.map((phase) => (phases.includes(phase) ? '●' : '')),
    ]),
  )
})
