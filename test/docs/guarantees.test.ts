import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root, textOf } from './files.ts'
import { deadNames, declares, hasTitle, pageOf, parseGuarantees } from './guarantees.ts'

const guarantees = parseGuarantees(textOf('docs/guarantees.yaml'))
const read = (file: string) => (existsSync(join(root, file)) ? textOf(file) : null)

t.test('every file, function and test that a guarantee names exists', async (t) => {
  t.ok(guarantees.guarantees.length > 60)
  t.same(deadNames(guarantees, read), [])
})

t.test('every promise has a guarantee', async (t) => {
  const kept = new Set(guarantees.guarantees.map(({ promise }) => promise))
  t.same(
    guarantees.promises.filter(({ id }) => !kept.has(id)),
    [],
  )
})

t.test('docs/GUARANTEES.md is what docs/guarantees.yaml says', async (t) => {
  t.equal(textOf('docs/GUARANTEES.md'), pageOf(guarantees), 'run npm run guarantees')
})

t.test('a name that is gone is found', async (t) => {
  const promises = [{ id: 'P1', title: 'Kept', text: 'Kept.' }]
  const one = {
    guarantee: 'It holds.',
    promise: 'P1',
    held_by: { 'a.ts': ['hold'] },
    shown_by: { 'b.ts': ['it holds'] },
  }
  const files: Record<string, string> = {
    'a.ts': 'export function hold(): void {',
    'b.ts': "t.test('it holds', async",
  }
  const dead = (changed: object) =>
    deadNames({ promises, guarantees: [{ ...one, ...changed }] }, (file) => files[file] ?? null)
  t.same(dead({}), [])
  t.same(dead({ promise: 'P2' }), ['It holds. there is no promise P2'])
  t.same(dead({ held_by: { 'c.ts': [] } }), ['It holds. there is no file c.ts'])
  t.same(dead({ held_by: { 'a.ts': ['held'] } }), ['It holds. a.ts has no held'])
  t.same(dead({ held_by: {} }), ['It holds. it names no code'])
  t.same(dead({ shown_by: { 'b.ts': ['it held'] } }), ['It holds. b.ts has no it held'])
  t.same(dead({ shown_by: {} }), ['It holds. it names no test'])
})

t.test('what counts as a declaration, and as a title', async (t) => {
  t.ok(declares('export async function hold(', 'hold'))
  t.ok(declares('  const hold = () => 1', 'hold'))
  t.ok(declares('    hold(lease) {\n', 'hold'))
  t.ok(declares('    hold: (lease) => 1,', 'hold'))
  t.notOk(declares('  await hold(lease)\n', 'hold'), 'a call')
  t.notOk(declares('export function holder() {}', 'hold'), 'a longer name')
  t.ok(hasTitle("t.test('the vendor\\'s word', async", "the vendor's word"))
  t.ok(hasTitle('t.test(`a ${kind} is kept`, async', 'a … is kept'))
  t.notOk(hasTitle("t.test('it is kept here', async", 'it is kept'), 'a part of a title')
})
