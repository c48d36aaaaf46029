import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from '../fixtures/free-port.ts'
import { answers, nobody } from './server.ts'

const startMs = 10_000

/** PgBouncer in transaction mode before the database of `url`. Resolves with the URL through it. */
export async function startPgBouncer(t: Test, url: string): Promise<string> {
  const { hostname, port: serverPort, pathname } = new URL(url)
  const folder = mkdtempSync(join(tmpdir(), 'understudy-pgbouncer-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    max_client_conn: 200,
    // Fewer than the connections of one node, so that they share them.
    default_pool_size: 4,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const server = `* = host=${hostname} port=${serverPort} user=postgres`
  writeFileSync(file, ['[databases]', server, '[pgbouncer]', ...lines, ''].join('\n'))
  // It does not run as root.
  const isRoot = process.getuid?.() === 0
  if (isRoot) for (const path of [folder, file]) chownSync(path, nobody, nobody)
  const user = isRoot ? { uid: nobody, gid: nobody } : {}
  const child = spawn('pgbouncer', [file], { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  t.teardown(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  })
  const through = `postgres://postgres@127.0.0.1:${port}${pathname}`
  const until = performance.now() + startMs
  while (!(await answers(through))) {
    if (child.exitCode !== null || performance.now() > until) throw new Error(`pgbouncer failed: ${said}`)
    await pause(20)
  }
  return through
}
