import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, textOf } from './files.ts'
import { metricsPage } from './metrics.ts'

/** `npm run metrics` writes docs/METRICS.md; with `-- --check` it fails when the page is not what it would write. */
const file = 'docs/METRICS.md'

if (!process.argv.includes('--check')) writeFileSync(join(root, file), metricsPage())
else if (textOf(file) !== metricsPage()) {
  process.stderr.write(`${file} is not up to date. Run npm run metrics.\n`)
  process.exitCode = 1
}
