import { readFileSync, writeFileSync } from 'node:fs'
import { makeConfigSchema } from './config-schema.ts'

/** Writes config.schema.json beside this file, for editors; with `--check`, exits 1 when the committed one differs. */
const file = new URL('config.schema.json', import.meta.url)
const page = readFileSync(new URL('../docs/CONFIGURATION.md', import.meta.url), 'utf8')
const text = `${JSON.stringify(makeConfigSchema(page), null, 2)}\n`

if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('openapi/config.schema.json is not up to date. Run npm run openapi.\n')
  process.exitCode = 1
}
