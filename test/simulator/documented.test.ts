import { readFileSync } from 'node:fs'
import t from 'tap'
import { faultSchema } from '../../src/simulator/faults/fault.ts'

const page = readFileSync(new URL('../../docs/SIMULATOR.md', import.meta.url), 'utf8')

t.test('every fault has its row in the table of faults, and no other has', async (t) => {
  const [, table = ''] = /^\| kind +\| parameters[^]*?\n\|[ -|]+\n([^]*?)\n\n/m.exec(page) ?? []
  const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, kind]) => kind)
  const kinds = faultSchema.options.map(({ shape }) => shape.kind.value)
  t.same(new Set(rows), new Set<string>(kinds))
  t.equal(rows.length, kinds.length)
})
