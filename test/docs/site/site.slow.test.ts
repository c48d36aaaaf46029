import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { pages } from '../../../docs/site/pages.ts'
import { problemCodes } from '../../../src/gateway/domain/problem.ts'
import { root, textOf } from '../files.ts'
import { brokenLinks, builtPages, faultsOf, wordsOf } from './built-site.ts'
import type { BuiltPage } from './built-site.ts'

const folder = t.testdir()
await promisify(execFile)(process.execPath, [join(root, 'docs/site/build-site.ts'), folder], {
  timeout: 240_000,
})
const built = builtPages(folder)
const files = new Set(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => `/${name}`),
)

t.test('every document, every part of the API and every error code is a page', async (t) => {
  for (const page of pages().values()) t.ok(built.has(`/${page.replace(/md$/, 'html')}`), page)
  for (const code of problemCodes) t.ok(built.has(`/errors/${code}.html`), code)
  const { tags } = JSON.parse(textOf('openapi/openapi.json'))
  for (const { name } of tags) t.ok(built.has(`/api/${name}.html`), name)
})

t.test('no link leads nowhere: pages, anchors, pictures and files', async (t) => {
  for (const page of built.values()) t.same(brokenLinks(page, built, files), [], page.address)
})

t.test(
  'every page has a language, a title, a description, headings in order and pictures with words',
  async (t) => {
    for (const page of built.values()) t.same(faultsOf(page), [], page.address)
  },
)

t.test('every page can be read without script', async (t) => {
  for (const [source, page] of pages()) {
    const words = wordsOf(built.get(`/${page.replace(/md$/, 'html')}`)?.content ?? '')
    const headings = [
      ...textOf(source)
        .replaceAll(/^```[^]*?^```$/gm, '')
        .matchAll(/^#{1,6} (.+)$/gm),
    ]
    for (const [, heading = ''] of headings) {
      const said = heading.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/\s+/g, ' ')
      t.ok(words.includes(said.trim()), `${source}: ${heading}`)
    }
  }
})

t.test('what is wrong with a page is found', async (t) => {
  const html = '<html><img src="/a.png"><a href="/gone.html">x</a><a href="#nowhere">y</a><h2 id="here">'
  const page: BuiltPage = { address: '/page.html', html, content: '<h1>a</h1><h3>b</h3><h1>c</h1>' }
  t.same(brokenLinks(page, new Map([['/page.html', page]]), new Set(['/a.png'])), ['/gone.html', '#nowhere'])
  t.equal(faultsOf(page).length, 6)
})
