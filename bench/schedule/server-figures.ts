import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { z } from 'zod'
import type { PostgresServer } from '../../test/postgres/server.ts'

/** Linux counts the CPU time of processes in hundredths of a second. */
const msPerTick = 10

const number = z.coerce.number()
const tableRow = z.object({
  name: z.string(),
  table_bytes: number,
  index_bytes: number,
  updates: number,
  hot_updates: number,
  inserts: number,
  dead: number,
  vacuums: number,
  vacuum_ms: number,
})
const walRow = z.object({ bytes: number, commits: number })

export type TableFigures = z.output<typeof tableRow>

export interface ServerFigures {
  /** Of all its processes, those that have ended included. */
  cpuMs: number
  walBytes: number
  commits: number
  tables: TableFigures[]
}

export async function serverFigures(server: PostgresServer, url: string): Promise<ServerFigures> {
  const tables = await server.query(
    url,
    `select relname as name, pg_table_size(relid) as table_bytes, pg_indexes_size(relid) as index_bytes,
      n_tup_upd as updates, n_tup_hot_upd as hot_updates, n_tup_ins as inserts, n_dead_tup as dead,
      autovacuum_count as vacuums, total_autovacuum_time as vacuum_ms from pg_stat_user_tables`,
  )
  const [wal] = await server.query(
    url,
    `select pg_current_wal_insert_lsn() - '0/0' as bytes,
      (select xact_commit from pg_stat_database where datname = current_database()) as commits`,
  )
  const { bytes, commits } = walRow.parse(wal)
  return {
    cpuMs: cpuMsOf(postmasterOf(server)),
    walBytes: bytes,
    commits,
    tables: z.array(tableRow).parse(tables),
  }
}

export function postmasterOf({ data }: PostgresServer): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
}

/** CPU time of a process, of its children, and of those children that ended, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && statOf(name)?.[1] === String(pid),
  )
  const own = statOf(String(pid))
  if (own === null) throw new Error(`process ${pid} has ended`)
  const ticks = [own.slice(11, 15), ...children.map((child) => statOf(child)?.slice(11, 13) ?? [])]
  return ticks.flat().reduce((sum, each) => sum + Number(each), 0) * msPerTick
}

/** The fields of `/proc/PID/stat` from the state on, or null where the process is gone. See proc_pid_stat(5). */
function statOf(pid: string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

/** Counts what the driver sends from here on, in this process. */
export function countStatements(): { sent: () => number } {
  let sent = 0
  const original = Object.getOwnPropertyDescriptor(Client.prototype, 'query')
  const query: unknown = original?.value
  if (original === undefined || typeof query !== 'function') throw new Error('the driver has no query method')
  Object.defineProperty(Client.prototype, 'query', {
    ...original,
    value(this: Client, ...args: unknown[]): unknown {
      sent += 1
      return Reflect.apply(query, this, args)
    },
  })
  return { sent: () => sent }
}
