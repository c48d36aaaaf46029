// Starts the built gateway once over an empty folder and stops it, so that Node keeps what it has compiled (node_modules/.cache): for an
// image, whose root may be read-only. Run it as the user that the image runs as, and with the options of Node that it runs with: what is
// compiled is kept for each user, and for some options apart. Plain JavaScript, since the image has no sources.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../dist/gateway/main.js', import.meta.url))
const startMs = 60_000
// It is asked nothing, as it is switched off.
const configuration = `server: { host: 127.0.0.1, port: 0 }
upstreams: [{ id: none, enabled: false, kind: reverse, dialect: openai-videos, base_url: 'http://127.0.0.1:9/v1', api_key: none,
  models: { none: none }, price: { per_request_usd: 0 } }]
`

const folder = mkdtempSync(join(tmpdir(), 'understudy-warm-up-'))
try {
  const addressFile = join(folder, 'address')
  writeFileSync(join(folder, 'understudy.yaml'), configuration)
  const words = [...process.execArgv, main, '--config', 'understudy.yaml', '--address-file', addressFile]
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (bytes) => (said += bytes))
  for (const since = performance.now(); !existsSync(addressFile); await pause(20))
    if (child.exitCode !== null || performance.now() - since > startMs)
      throw new Error(`The gateway does not start:\n${said}`)
  const { status } = await fetch(`${readFileSync(addressFile, 'utf8').trim()}/generations`)
  if (status !== 401) throw new Error(`Without a key, /generations answers ${status}.`)
  child.kill('SIGTERM')
  const [code] = await exited
  if (code !== 0) throw new Error(`The gateway ended with ${code}:\n${said}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
