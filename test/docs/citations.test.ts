import t from 'tap'
import { brokenCitations } from './citations.ts'
import { textFilesOf, textOf } from './files.ts'

const atRoot = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
const files = textFilesOf(['src', 'test', 'openapi', 'docs', 'bench', 'deploy'])
for (const page of atRoot) files.set(page, textOf(page))
const pages = new Map([...files].filter(([path]) => path.endsWith('.md') && !path.startsWith('docs/site/')))

/** This file names pages that do not exist, and the site's sources those that it makes: `site.slow.test.ts` follows their links. */
for (const path of files.keys())
  if (path === 'test/docs/citations.test.ts' || path.startsWith('docs/site/')) files.delete(path)

t.test('every page and section that a file cites exists', async (t) => {
  t.ok(files.size > 600, `${files.size} files were read`)
  t.same(
    [...files].flatMap(([path, text]) => brokenCitations(path, text, pages)),
    [],
  )
})

t.test('what a citation may be', async (t) => {
  const known = new Map([
    [
      'docs/vendors/acme.md',
      '# Acme\n\n## Create a video\n\n```\n## Not a heading\n```\n\n## Errors & limits\n\n## Create a video\n',
    ],
    ['README.md', '# Acme\n\n[errors](docs/vendors/acme.md#errors--limits) [here](#acme)\n'],
  ])
  const from = (path: string, text: string) => brokenCitations(path, text, known)

  const fine = [
    '// As docs/vendors/acme.md#create-a-video says.',
    '/** (docs/vendors/acme.md#create-a-video-1) */',
    '// docs/vendors/acme.md, and https://example.com/docs/other.md#part',
    '// RFC 9110 §14, and §13.1.2 of the same.',
  ]
  for (const text of fine) t.same(from('src/a.ts', text), [], text)
  t.same(from('README.md', known.get('README.md') ?? ''), [])

  const wrong = {
    'a section that was renamed': '// docs/vendors/acme.md#create',
    'a heading inside code': '// docs/vendors/acme.md#not-a-heading',
    'a page that is gone': '// docs/vendors/other.md#create-a-video',
    'a page of another place': '// as the notes say (notes.md)',
    'a section without its document': '// §4 row 5',
  }
  for (const [what, text] of Object.entries(wrong)) t.equal(from('src/a.ts', text).length, 1, what)
  t.equal(from('README.md', '[errors](docs/vendors/acme.md#errors)').length, 1, 'a link to a section')
  t.equal(from('README.md', '[errors](#errors)').length, 1, 'a link inside the page')
})
