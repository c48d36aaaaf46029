import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root, textOf } from './files.ts'

const folder = 'docs/zh-TW'
const pages = readdirSync(join(root, folder))

const original = (page: string) => textOf(page === 'README.md' ? page : `docs/${page}`)

/** Of each heading its level, in their order. */
function levelsOf(text: string): number[] {
  return [...text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^(#+) /gm)].map(
    ([, marks = '']) => marks.length,
  )
}

/** What is run or read by a program. A drawing without a language may be translated. */
function codeOf(text: string): string[] {
  return [...text.matchAll(/^```(?:sh|yaml|json)\n([^]*?)^```$/gm)].map(([, code = '']) => code)
}

t.test('a translated page has the sections of its original, and no code that is not in it', (t) => {
  t.same(pages, ['CHARACTERS.md', 'README.md', 'SERIES.md', 'UPSTREAMS.md'])
  for (const page of pages) {
    const [text, source] = [textOf(`${folder}/${page}`), original(page)]
    t.same(levelsOf(text), levelsOf(source), `${page}: sections`)
    for (const code of codeOf(text)) t.ok(source.includes(code), `${page}: ${code.split('\n')[0]}`)
    t.match(text, /^\[English\]\(.*\) · 繁體中文$/m, `${page} leads to its original`)
  }
  t.match(textOf('README.md'), '[繁體中文](docs/zh-TW/README.md)')
  t.same(codeOf(textOf(`${folder}/README.md`)), codeOf(textOf('README.md')), 'README has all commands')
  t.end()
})
