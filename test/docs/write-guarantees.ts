import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, textOf } from './files.ts'
import { pageOf, parseGuarantees } from './guarantees.ts'

/** `npm run guarantees` writes docs/GUARANTEES.md; with `-- --check` it fails when the page is not what it would write. */
const file = 'docs/GUARANTEES.md'
const page = pageOf(parseGuarantees(textOf('docs/guarantees.yaml')))

if (!process.argv.includes('--check')) writeFileSync(join(root, file), page)
else if (textOf(file) !== page) {
  process.stderr.write(`${file} is not up to date. Run npm run guarantees.\n`)
  process.exitCode = 1
}
