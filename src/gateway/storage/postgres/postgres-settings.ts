import type { TlsMode } from '../../domain/tls-mode.ts'

/** How to reach a PostgreSQL server, and how much of it one node may use. */
export interface PostgresSettings {
  /** `postgres://user:password@host:5432/database` */
  url: string
  /** Connections of this node in all, at least five. The one that listens for notifications is not counted. */
  connections?: number
  /** Also the longest wait for a lock, and of a write for its turn. */
  statementTimeoutMs?: number
  /** Also the longest wait of a read for a free connection. */
  connectTimeoutMs?: number
  /** False behind a pooler in transaction mode: neither prepared statements nor settings of the session survive there. */
  preparedStatements?: boolean
  /** `ca`: PEM. */
  tls?: { mode: TlsMode; ca?: string | null }
  /** A connection that writes was opened. The server may be another one than before. */
  onConnect?: () => void
  /** Opening the database changed its tables: the names of the migrations, in their order. */
  onMigrated?: (names: readonly string[]) => void
  /** Shown by the server among its sessions. */
  applicationName?: string
}

/** What has no default. */
type Optional = 'tls' | 'onConnect' | 'onMigrated'
export type CompleteSettings = Required<Omit<PostgresSettings, Optional>> & Pick<PostgresSettings, Optional>

const fewestConnections = 5

export function completeSettings(settings: PostgresSettings): CompleteSettings {
  const given = {
    connections: 10,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 5000,
    preparedStatements: true,
    applicationName: 'understudy',
    ...settings,
  }
  return { ...given, connections: Math.max(fewestConnections, given.connections) }
}

/** Writes get the larger half of what reports, figures and counters leave, because each of them takes a few round trips. */
export function shareConnections(connections: number): { writes: number; reads: number } {
  const left = connections - 3
  const reads = Math.max(1, Math.floor(left / 2))
  return { writes: left - reads, reads }
}
