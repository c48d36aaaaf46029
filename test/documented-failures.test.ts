import { readFileSync } from 'node:fs'
import t from 'tap'

/** Every known failure has a row in docs/FAILURES.md, and every test that a row names exists. */
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
const rowsOf = {
  'OpenAI Videos protocol': upTo(22),
  Resellers: upTo(21),
  'Self-hosted servers': upTo(9),
  Callers: [...upTo(8), 10],
  'Reports from the field': upTo(18),
}

const text = readFileSync(new URL('../docs/FAILURES.md', import.meta.url), 'utf8')
const files = new Map<string, string>()

function contentOf(file: string): string {
  const known = files.get(file) ?? readFileSync(new URL(file, import.meta.url), 'utf8')
  files.set(file, known)
  return known
}

t.test('every further answer of a vendor has a row', async (t) => {
  const cases: { name: string }[] = JSON.parse(contentOf('fixtures/answers/vendors.json'))
  const section = text.split(/^## /m).find((each) => each.startsWith('Further answers')) ?? ''
  const rows = [...section.matchAll(/^\| \d+ +\| (.+?) +\| .+ +\|$/gm)].map(([, name]) => name)
  t.ok(rows.length >= 40)
  t.same(
    rows,
    cases.map(({ name }) => name),
  )
})

/** Below a row, each file with its test names: after it, or on separate lines. */
function citations(lines: string): { file: string; names: string[] }[] {
  const found = [
    ...lines.matchAll(/^ {2}- `([\w./-]+\.(?:test\.ts|suite\.ts|json))`:((?: .+)?(?:\n {4}- .+)*)$/gm),
  ]
  return found.map(([, file = '', names = '']) => {
    const split = names.split(/; |\n {4}- /).map((name) => name.trim())
    return { file, names: split.filter((name) => name !== '') }
  })
}

for (const [sheet, expected] of Object.entries(rowsOf)) {
  const section = text.split(/^## /m).find((each) => each.startsWith(sheet)) ?? ''
  const rows = [...section.matchAll(/^- \*\*[CSV]?(\d+)\. (.+?)\*\*: .+\n((?: {2}.+\n)+)/gm)]
  t.same(
    rows.map(([, number]) => Number(number)),
    expected,
    `${sheet}: every row once`,
  )
  for (const [, number, failure, tests = ''] of rows) {
    t.test(`${sheet} row ${number}: ${failure}`, async (t) => {
      const cited = citations(tests)
      t.equal(cited.length, tests.match(/`: |`:$/gm)?.length, 'each line below it names a test')
      for (const { file, names } of cited)
        for (const name of names) t.ok(contentOf(file).includes(name), `${file}: ${name}`)
    })
  }
}
