// Builds the programs to dist/, for the package: JavaScript without types and comments, the files that they read, and the console.
// `npm pack` runs it. It checks no types: `npm run types` does. Plain JavaScript, since it runs on whatever Node there is (20.19 or newer).
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from './build-console.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = join(root, 'dist')
const consoleSources = join(root, 'src/console')

rmSync(output, { recursive: true, force: true })
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, '.tooling/tsconfig.build.json')], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
// Presets and starters are read where they are beside the code.
cpSync(join(root, 'src'), output, {
  recursive: true,
  filter: (path) => path !== consoleSources && !['.ts', '.tsx'].includes(extname(path)),
})
await buildConsole({ onlyIfChanged: true })
cpSync(join(consoleSources, 'dist'), join(output, 'console/dist'), {
  recursive: true,
  filter: (path) => basename(path) !== '.built',
})
