import { readFileSync } from 'node:fs'
import t from 'tap'

/** Every failure of the fact sheets has a row in docs/FAILURES.md, and every test that a row names exists. */
const rowsOf = { 'official-api.md §5': 22, 'reverse-dialects.md §4': 21, 'Self-hosted servers': 9 }

const text = readFileSync(new URL('../docs/FAILURES.md', import.meta.url), 'utf8')
const files = new Map<string, string>()

function contentOf(file: string): string {
  const known = files.get(file) ?? readFileSync(new URL(file, import.meta.url), 'utf8')
  files.set(file, known)
  return known
}

/** `file`: name; name; `file`: name */
function citations(cell: string): { file: string; names: string[] }[] {
  const found = [...cell.matchAll(/`([\w./-]+\.(?:test\.ts|suite\.ts|json))`: ([^`]+)/g)]
  return found.map(([, file = '', names = '']) => {
    const split = names.split(/;\s|;$/).map((name) => name.trim())
    return { file, names: split.filter((name) => name !== '') }
  })
}

for (const [sheet, count] of Object.entries(rowsOf)) {
  const section = text.split(/^## /m).find((each) => each.startsWith(sheet)) ?? ''
  const rows = [...section.matchAll(/^\| S?(\d+) +\| (.+?) +\| .+ \| (.+?) +\|$/gm)]
  t.same(
    rows.map(([, number]) => Number(number)),
    Array.from({ length: count }, (_, index) => index + 1),
    `${sheet}: every row once`,
  )
  for (const [, number, failure, tests = ''] of rows) {
    t.test(`${sheet} row ${number}: ${failure}`, async (t) => {
      const cited = citations(tests)
      t.ok(cited.length > 0, 'it names a test')
      for (const { file, names } of cited)
        for (const name of names) t.ok(contentOf(file).includes(name), `${file}: ${name}`)
    })
  }
}
