// Runs before `npm start` and `npm test` on whatever Node the machine has (20 or newer), so plain JavaScript without
// dependencies. It installs the locked packages once; afterwards it only compares two hashes (about 1 ms). With --console, it
// also builds the web console if its sources changed (about 10 ms to find that they did not).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}/node_modules/.understudy-installed`
const wanted = createHash('sha256')
  .update(readFileSync(`${root}/package-lock.json`))
  .digest('hex')
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(
    `The installation requires Node 20 or newer. The current version is ${process.versions.node}.`,
  )
  process.exit(1)
}
if (installed !== wanted) {
  console.error('Installing dependencies …')
  // The `node` package brings Node 24 by an install script; --foreground-scripts would only add noise.
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    console.error(
      `npm ci failed${error ? `: ${error.message}` : ''}. Check the network and the registry, then run the command again.`,
    )
    process.exit(status ?? 1)
  }
  writeFileSync(stamp, wanted)
}
if (process.argv.includes('--console')) {
  const { buildConsole } = await import('./build-console.mjs')
  await buildConsole({ onlyIfChanged: true })
}
