import { readFileSync } from 'node:fs'
import t from 'tap'
import { faultSchema } from '../../src/simulator/faults/fault.ts'

const page = readFileSync(new URL('../../docs/SIMULATOR.md', import.meta.url), 'utf8')

t.test('every fault is in the list of faults, and no other is', async (t) => {
  const section = page.split(/^## /m).find((each) => each.startsWith('Faults')) ?? ''
  const listed = [...section.matchAll(/^- `(\w+)`: /gm)].map(([, kind]) => kind)
  const kinds = faultSchema.options.map(({ shape }) => shape.kind.value)
  t.same(new Set(listed), new Set<string>(kinds))
  t.equal(listed.length, kinds.length)
})
