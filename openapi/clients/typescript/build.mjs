// Builds the package with the tools of the repository: ECMAScript modules, CommonJS, types of both, and one file for browsers.
// `npm pack` runs it. Plain JavaScript, since it runs on whatever Node the machine has (20.19 or newer).
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

rmSync(`${here}dist`, { recursive: true, force: true })
for (const project of ['tsconfig.json', 'tsconfig.commonjs.json']) {
  const { status } = spawnSync(process.execPath, [compiler, '-p', here + project], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
writeFileSync(`${here}dist/commonjs/package.json`, '{ "type": "commonjs" }\n')
await build({ configFile: `${here}vite.config.mjs`, logLevel: 'warn' })
