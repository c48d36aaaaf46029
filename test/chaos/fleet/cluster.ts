import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { freePort } from '../../fixtures/free-port.ts'
import { answers, makeData, nobody, query } from '../../postgres/server.ts'
import type { User } from '../../postgres/server.ts'

/** Of Debian's packages. The binaries from npm have no `pg_basebackup`. */
const versions = '/usr/lib/postgresql'
const startMs = 60_000
const standbyMs = 60_000
const database = 'understudy'

/** Two PostgreSQL servers: commits of the primary wait for the standby, which follows it. */
export interface Cluster {
  /** Where the primary is now. */
  url(): string
  /** Stops the primary, with a checkpoint or as in a crash, and starts it again. */
  restart(how: 'fast' | 'immediate'): Promise<void>
  /**
   * Whether a standby has everything that was committed, and the nodes have taken note of it, which they do once a second.
   * After an earlier promotion they would hold what is not sent.
   */
  hasStandby(): Promise<boolean>
  /** The primary crashes for good, and its standby takes its place; `url` has changed when this resolves. */
  promote(): Promise<void>
  /** The standby confirms nothing more, as behind a network that swallows it, until the returned function is called. */
  stallStandby(): Promise<() => void>
  /** Makes a new standby from the primary. Commits wait for it when this resolves. */
  addStandby(): Promise<void>
  remove(): Promise<void>
}

/** Why a cluster cannot be started here; false if it can. With `CI=true`, not to start one is a failure. */
export function skipsCluster(): string | false {
  if (installed() !== null) return false
  const why = `no pg_basebackup in ${versions} (Debian's postgresql): tests with a standby are skipped`
  // oxlint-disable-next-line node/no-process-env
  if (process.env['CI'] === 'true') throw new Error(`${why}, and CI skips nothing`)
  return why
}

/** The newest version, or null. */
function installed(): string | null {
  const found = existsSync(versions) ? readdirSync(versions) : []
  const complete = found
    .map((version) => join(versions, version))
    .filter((each) =>
      ['postgres', 'initdb', 'pg_basebackup'].every((name) => existsSync(join(each, 'bin', name))),
    )
  return complete.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? null
}

interface Server {
  data: string
  port: number
  process: ChildProcess
}

const urlOf = ({ port }: Pick<Server, 'port'>, name = database): string =>
  `postgres://postgres@127.0.0.1:${port}/${name}`

const text = z.string().transform((json): unknown => JSON.parse(json))
const noted = z.array(z.object({ value: text.pipe(z.looseObject({ synchronous: z.boolean() })) }))
const receivers = z.tuple([z.object({ pid: z.number() })])
const standbys = z.array(z.object({ found: z.coerce.number() }))

export async function startCluster(): Promise<Cluster> {
  const folder = installed() ?? ''
  if (folder === '') throw new Error("there is no PostgreSQL of Debian's packages")
  const root = mkdtempSync(join(tmpdir(), 'understudy-cluster-'))
  const user: User = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  if ('uid' in user) chownSync(root, nobody, nobody)
  const log = openSync(join(root, 'postgres.log'), 'a')
  const running = new Set<ChildProcess>()
  // A server does not end with the process that started it.
  const killAll = (): void => running.forEach((child) => void child.kill('SIGQUIT'))
  process.once('exit', killAll)
  let made = 0
  let primary: Server
  let standby: Server | null = null

  const dataOf = (): string => join(root, `data-${made++}`)

  async function start(data: string, port: number): Promise<Server> {
    const settings = {
      fsync: 'on',
      max_connections: '200',
      shared_buffers: '64MB',
      wal_keep_size: '512MB',
      synchronous_commit: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: root,
    }
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(join(folder, 'bin/postgres'), ['-D', data, '-p', String(port), ...given], {
      ...user,
      cwd: root,
      stdio: ['ignore', log, log],
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    const deadline = Date.now() + startMs
    while (!(await answers(urlOf({ port }, 'postgres')))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`postgres does not start: ${root}`)
      await pause(20)
    }
    return { data, port, process: child }
  }
  async function stop({ process: child }: Server, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  const configure = async (names: string): Promise<void> => {
    await query(urlOf(primary), `alter system set synchronous_standby_names = '${names}'`)
    await query(urlOf(primary), 'select pg_reload_conf()')
  }
  const isSynchronous = async (): Promise<boolean> => {
    const text = "select count(*) as found from pg_stat_replication where sync_state = 'sync'"
    return standbys.parse(await query(urlOf(primary), text))[0]?.found === 1
  }
  const isNoted = async (): Promise<boolean> => {
    const text = "select value from installation where name = 'server_history'"
    return noted.parse(await query(urlOf(primary), text))[0]?.value.synchronous === true
  }
  async function addStandby(): Promise<void> {
    const data = dataOf()
    const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'postgres']
    const how = ['--write-recovery-conf', '--wal-method=stream', '--checkpoint=fast', '--no-sync']
    const copying = spawn(join(folder, 'bin/pg_basebackup'), ['-D', data, ...from, ...how], {
      ...user,
      cwd: root,
      stdio: ['ignore', log, log],
    })
    const [code]: unknown[] = await once(copying, 'exit')
    if (code !== 0) throw new Error(`pg_basebackup ended with ${String(code)}: ${root}`)
    standby = await start(data, await freePort())
    await configure('*')
    const deadline = Date.now() + standbyMs
    while (!(await isSynchronous())) {
      if (Date.now() > deadline) throw new Error(`the standby does not follow: ${root}`)
      await pause(50)
    }
  }

  const data = dataOf()
  makeData(folder, data, user)
  primary = await start(data, await freePort())
  await query(urlOf(primary, 'postgres'), `create database ${database}`)
  await addStandby()
  return {
    url: () => urlOf(primary),
    addStandby,
    async hasStandby() {
      if (standby === null) return false
      return (await Promise.all([isSynchronous(), isNoted()]).catch(() => [false])).every(Boolean)
    },
    async stallStandby() {
      if (standby === null) throw new Error('there is no standby')
      const rows = await query(urlOf(standby), 'select pid from pg_stat_wal_receiver')
      const [{ pid }] = receivers.parse(rows)
      process.kill(pid, 'SIGSTOP')
      return () => process.kill(pid, 'SIGCONT')
    },
    async restart(how) {
      await stop(primary, how === 'fast' ? 'SIGINT' : 'SIGQUIT')
      primary = await start(primary.data, primary.port)
    },
    async promote() {
      if (standby === null) throw new Error('there is no standby')
      const [old, next] = [primary, standby]
      // Not one process of it may go on: it would accept what the next primary never hears of.
      await stop(old, 'SIGQUIT')
      // It must not wait for a standby of its own, which it does not have yet.
      await query(urlOf(next), 'select pg_promote()')
      primary = next
      standby = null
      await configure('')
      rmSync(old.data, { recursive: true, force: true })
    },
    async remove() {
      process.off('exit', killAll)
      for (const each of [primary, standby]) if (each !== null) await stop(each, 'SIGQUIT')
      rmSync(root, { recursive: true, force: true })
    },
  }
}
