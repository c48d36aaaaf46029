// Writes the version of package.json wherever it stands besides: npm runs it for `npm version X`. What is generated from the
// documents is written by `npm run openapi` and `npm run clients` after it.
import { readFileSync, writeFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Each with what stands before the version. */
const places = JSON.parse(readFileSync('.tooling/version-places.json', 'utf8'))
for (const [file, before] of Object.entries(places)) {
  const text = readFileSync(file, 'utf8')
  const found = new RegExp(`((?:${before}))\\d+\\.\\d+\\.\\d+`, 'g')
  if (!found.test(text)) throw new Error(`${file} has no version after ${before}`)
  writeFileSync(file, text.replaceAll(found, `$1${version}`))
}
