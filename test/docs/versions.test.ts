import t from 'tap'
import { z } from 'zod'
import { textOf } from './files.ts'

const Versioned = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+$/) })
const { version } = Versioned.parse(JSON.parse(textOf('package.json')))
const places = z.record(z.string(), z.string()).parse(JSON.parse(textOf('.tooling/version-places.json')))

t.test('image, chart, document and clients are of one version', (t) => {
  for (const [file, before] of Object.entries(places)) {
    const found = [...textOf(file).matchAll(new RegExp(`(?:${before})(\\d+\\.\\d+\\.\\d+)`, 'g'))]
    t.ok(found.length > 0, file)
    for (const [line, stated] of found) t.equal(stated, version, `${file}: ${line.trim()}`)
  }
  const { info } = z.object({ info: Versioned }).parse(JSON.parse(textOf('openapi/openapi.json')))
  t.equal(info.version, version, 'npm run openapi writes it')
  t.end()
})

t.test('the change log has a section for each release, the newest first and of this version', (t) => {
  const headings = textOf('CHANGELOG.md').match(/^## .*$/gm) ?? []
  const [first, ...releases] = headings
  t.equal(first, '## [Unreleased]')
  for (const heading of releases) t.match(heading, /^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/)
  t.match(releases[0], `## [${version}] - `)
  const kinds = textOf('CHANGELOG.md').match(/^### .*$/gm) ?? []
  for (const kind of kinds) t.match(kind, /^### (Added|Changed|Deprecated|Removed|Fixed|Security)$/)
  t.end()
})
