import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from '../fixtures/free-port.ts'

export const proxies = ['nginx', 'caddy'] as const
export type Proxy = (typeof proxies)[number]

const startMs = 20_000

/** Throws where a part is not there, so that what is tested is what is in the repository. */
function changed(path: string, changes: ReadonlyArray<readonly [from: string, to: string]>): string {
  const text = readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8')
  return changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`${path} does not have: ${from}`)
    return before.replace(from, to)
  }, text)
}

/** The file of the repository at other addresses, and without TLS: there is no certificate here. */
function settingsOf(proxy: Proxy, folder: string, port: number, target: string): string {
  if (proxy === 'caddy') {
    const site = changed('caddy/Caddyfile', [
      ['video.example.com {', `http://127.0.0.1:${port} {\n\tbind 127.0.0.1`],
      ['127.0.0.1:8787', target],
    ])
    return `{\n\tadmin off\n\tstorage file_system ${folder}\n}\n${site}`
  }
  const site = changed('nginx/understudy.conf', [
    ['server 127.0.0.1:8787', `server ${target}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port}`],
    ['    ssl_certificate /etc/ssl/certs/video.example.com.pem;\n', ''],
    ['    ssl_certificate_key /etc/ssl/private/video.example.com.key;\n', ''],
  ])
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  )
  return `pid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${folders.join('\n')}\n${site}}\n`
}

/** Runs the proxy in front of `target` (host:port). Resolves with its address once it accepts connections. */
export async function startProxy(t: Test, proxy: Proxy, target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-proxy-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  const file = join(folder, 'proxy.conf')
  writeFileSync(file, settingsOf(proxy, folder, port, target))
  const args =
    proxy === 'nginx'
      ? ['-p', folder, '-e', 'stderr', '-c', file, '-g', 'daemon off;']
      : ['run', '--adapter', 'caddyfile', '--config', file]
  const child = spawn(proxy, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  t.teardown(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    // Caddy would wait a minute for connections of callers; nginx has processes of its own to stop.
    child.kill(proxy === 'caddy' ? 'SIGKILL' : 'SIGTERM')
    await ended
  })
  const until = performance.now() + startMs
  while (!(await isOpen(port))) {
    if (child.exitCode !== null || performance.now() > until)
      throw new Error(`${proxy} did not start:\n${said}`)
    await pause(50)
  }
  return `http://127.0.0.1:${port}`
}

export function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
