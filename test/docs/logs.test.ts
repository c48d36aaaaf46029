import t from 'tap'
import { logEntryTypes } from '../../src/gateway/domain/generation/history.ts'
import { logLineOf } from '../../src/gateway/domain/observability/log-line.ts'
import { textOf } from './files.ts'
import { tableUnder } from './markdown.ts'

const words = { debug: 'debug', info: 'info', warn: 'warning' }

t.test('docs/LOGS.md lists every event of a generation with its level', async (t) => {
  const { rows } = tableUnder(textOf('docs/LOGS.md'), '## Events')
  const generation = { id: 'gen_1' as const, tenant: 'studio', key: 'studio' }
  const lines = logEntryTypes.map((type) => logLineOf(generation, { type, data: {} }))
  t.same(
    rows,
    lines.map(({ message, level }) => [`\`${message}\``, words[level]]),
  )
})
