#!/usr/bin/env node
// The command line on whatever Node the machine has: one that does not strip types hands over to the Node of the
// dependencies, so plain JavaScript.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// `backup --to DIR`, `export`, `import` and `migrate` use the data themselves, `init` knows the presets and `doctor` asks upstreams,
// so they are the gateway's; the rest talks to the API.
const isBackup = process.argv[2] === 'backup'
if (isBackup)
  process.argv.splice(2, 1, ...process.argv.splice(3).map((word) => (word === '--to' ? '--backup-to' : word)))
const main = new URL(
  isBackup || ['init', 'doctor', 'export', 'import', 'migrate'].includes(process.argv[2])
    ? '../src/gateway/main.ts'
    : '../src/cli/main.ts',
  import.meta.url,
)
if (process.features.typescript) {
  await import(main)
} else {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
  const { status, error } = spawnSync(node, [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  if (error)
    console.error(`Node 22.20 or newer is required, and ${node} cannot be started. Run npm ci first.`)
  process.exitCode = status ?? 1
}
