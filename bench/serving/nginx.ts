import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { run } from '../../openapi/clients/tool.ts'
import { freePort } from '../../test/fixtures/free-port.ts'
import { onServerCore } from './cores.ts'

export interface Nginx extends AsyncDisposable {
  address: string
  path: string
  pid: number
}

const startMs = 20_000

/** Whether Debian's package `nginx-light`, or another one, is installed. */
export const hasNginx = async (): Promise<boolean> => (await run('nginx', ['-v'], { quiet: true })) === 0

/** nginx in one process on the core of the server, serving `file` with sendfile. Needs Debian's package `nginx-light`. */
export async function startNginx(folder: string, file: string): Promise<Nginx> {
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  )
  const settings = `pid ${folder}/pid;
user root;
daemon off;
master_process off;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  types { }
  default_type video/mp4;
  ${temporary.join('\n')}
  server { listen 127.0.0.1:${port}; root ${dirname(file)}; }
}
`
  const path = join(folder, 'nginx.conf')
  await writeFile(path, settings)
  const child = spawn(...onServerCore('nginx', ['-p', folder, '-e', 'stderr', '-c', path]), {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await accepting(port, () => child.exitCode !== null)
  return {
    address: `http://127.0.0.1:${port}`,
    path: `/${basename(file)}`,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: stop,
  }
}

async function accepting(port: number, hasEnded: () => boolean): Promise<void> {
  for (const until = performance.now() + startMs; performance.now() < until; await pause(20)) {
    if (hasEnded()) break
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.unref()
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
  }
  throw new Error('nginx did not start. Install Debian’s package nginx-light.')
}
