import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { fill } from '../../src/console/src/words/define-words.ts'
import type { Dictionary, Wording } from '../../src/console/src/words/define-words.ts'

function placeholders(wording: Wording): string[] {
  const text = typeof wording === 'string' ? wording : wording.other
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).toSorted()
}

const folders = globSync('src/console/src/**/words/en.ts').map(dirname)

t.test('every wording exists in both languages, with the same placeholders', async (t) => {
  t.ok(folders.includes('src/console/src/words'))
  for (const folder of folders) {
    const { en }: { en: Dictionary } = await import(pathToFileURL(`${folder}/en.ts`).href)
    const { words }: { words: Dictionary } = await import(pathToFileURL(`${folder}/zh-Hant.ts`).href)
    t.strictSame(Object.keys(words).toSorted(), Object.keys(en).toSorted(), folder)
    for (const [key, wording] of Object.entries(en)) {
      const other = words[key] ?? ''
      t.strictSame(placeholders(other), placeholders(wording), `${folder} ${key}`)
      for (const form of [wording, other].flatMap((each) =>
        typeof each === 'string' ? [each] : Object.values(each),
      )) {
        t.notMatch(form, /!|！/, `${folder} ${key} does not shout`)
        t.equal(form.trim(), form, `${folder} ${key} has no space around it`)
        t.not(form, '', `${folder} ${key} is not empty`)
      }
    }
  }
})

t.test('a wording takes its values, and its plural form from n', async (t) => {
  const many = { one: '{n} job of {name}', other: '{n} jobs of {name}' }
  t.equal(fill(many, { n: 1, name: 'a' }, 'en'), '1 job of a')
  t.equal(fill(many, { n: 1200, name: 'a' }, 'en'), '1,200 jobs of a')
  t.equal(fill({ other: '{n} 項' }, { n: 1 }, 'zh-Hant'), '1 項')
  t.equal(
    fill('{name} costs {amount}', { name: '{amount}', amount: '$1' }, 'en'),
    '{amount} costs $1',
    'a value is text',
  )
})
