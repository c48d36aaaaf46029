import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { wordSets } from './fixtures/word-sets.ts'

/** Sets of words that are written more than once. */
function repeated(folder: string): string[] {
  return [...wordSets(folder)]
    .filter(([, places]) => places.length > 1)
    .map(([words, places]) => `${words}: ${places.join(', ')}`)
}

t.test('a closed set of words is written once: what else needs it derives from that list', async (t) => {
  const gateway = new URL('../src/gateway', import.meta.url).pathname
  t.ok(wordSets(gateway).has('official reverse self_hosted'), 'the sets are found')
  t.same(repeated(gateway), [])
})

t.test('a set that is written again is found, whatever its order and form', async (t) => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'domain'))
  writeFileSync(join(folder, 'domain/kinds.ts'), "export const kinds = ['a', 'b', 'c'] as const\n")
  t.same(repeated(folder), [])
  writeFileSync(join(folder, 'schema.ts'), "const one: 'c' | 'a' | 'b' | null = null\n")
  t.same(repeated(folder), ['a b c: domain/kinds.ts:1, schema.ts:1'])
  writeFileSync(join(folder, 'schema.ts'), "\nexport const kind = z.enum(['b', 'c', 'a'])\n")
  t.same(repeated(folder), ['a b c: domain/kinds.ts:1, schema.ts:2'])
})

t.test('a pair of words that is written again as a union, an enum or a constant is found', async (t) => {
  const folder = t.testdir()
  writeFileSync(join(folder, 'kinds.ts'), "export const kinds = ['a', 'b'] as const\n")
  for (const again of [
    "type Kind = 'b' | 'a'",
    "const kind = z.enum(['a', 'b'])",
    "const own = ['b', 'a'] as const",
  ]) {
    writeFileSync(join(folder, 'schema.ts'), `${again}\n`)
    t.same(repeated(folder), ['a b: kinds.ts:1, schema.ts:1'], again)
  }
  for (const other of ["query.select(['a', 'b'])", "type Part = Pick<Whole, 'a' | 'b'>"]) {
    writeFileSync(join(folder, 'schema.ts'), `${other}\n`)
    t.same(repeated(folder), [], other)
  }
})
