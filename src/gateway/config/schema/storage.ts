import { isIP } from 'node:net'
import * as z from 'zod'
import { tlsModes } from '../../domain/tls-mode.ts'
import { standbyRules } from '../settings.ts'
import type { Config, PostgresStorage, Secrets } from '../settings.ts'
import { seconds, text } from './fields.ts'

/** What every connection needs beside those that write: reads, figures and the one that listens. */
const leastConnections = 4
const usualConnections = 10
const usualStatementSeconds = 30
const serverForm = 'should be postgres://user:password@host:5432/database'

/** `sqlite:./a.db`, `sqlite:///a.db` or `postgres://user:password@host:5432/database`. */
const storageUrl = urlWithout(faultIn)

/** `postgres://user:password@host:5432/database` */
const listenUrl = urlWithout((value) => (isServer(value) ? faultInServer(value) : serverForm))

export const storageSchema = z
  .strictObject({
    url: storageUrl.prefault('sqlite:./data/understudy.db'),
    connections: z.int().min(leastConnections).max(1000).optional(),
    statement_timeout_seconds: seconds.max(3600).optional(),
    prepared_statements: z.boolean().optional(),
    listen_url: listenUrl.optional(),
    standby: z.enum(standbyRules).optional(),
    tls_mode: z.enum(tlsModes).optional(),
    tls_ca: text.optional(),
  })
  .prefault({})

export type FileStorage = z.output<typeof storageSchema>

/** The settings that mean nothing to the embedded database. */
export const serverOnly = [
  'connections',
  'statement_timeout_seconds',
  'prepared_statements',
  'listen_url',
  'standby',
  'tls_mode',
  'tls_ca',
] as const satisfies ReadonlyArray<keyof FileStorage>

export function storageOf(file: FileStorage): Config['storage'] {
  const url = serverUrl(file.url)
  if (url === null) return { type: 'sqlite', file: sqliteFile(file.url) ?? '' }
  const listen = serverUrl(file.listen_url ?? file.url) ?? url
  return {
    type: 'postgres',
    address: addressOf(url),
    connections: file.connections ?? usualConnections,
    statementTimeoutMs: Math.round((file.statement_timeout_seconds ?? usualStatementSeconds) * 1000),
    preparedStatements: file.prepared_statements ?? true,
    standby: file.standby ?? 'expected',
    tls: tlsFor(url, file),
    listen: { address: addressOf(listen), tls: tlsFor(listen, file) },
  }
}

/** A pooler on this machine says nothing about the way to the server behind it, so each URL has a default of its own. */
function tlsFor({ hostname }: URL, { tls_mode: mode, tls_ca: ca }: FileStorage): PostgresStorage['tls'] {
  const usual = ca === undefined && isThisMachine(hostname) ? 'disable' : 'verify'
  return { mode: mode ?? usual, ca: ca ?? null }
}

function addressOf({ host, pathname }: URL): string {
  return `${host}${pathname}`
}

/** The URLs and their passwords; null for an embedded database, which has none. */
export function databaseSecretOf({ url, listen_url: listen = url }: FileStorage): Secrets['database'] {
  const found = secretOf(url)
  return found === null ? null : { ...found, listen: secretOf(listen) ?? found }
}

function secretOf(url: string): { url: string; password: string } | null {
  const parsed = serverUrl(url)
  return parsed === null ? null : { url, password: decodeURIComponent(parsed.password) }
}

/** Text for which `fault` finds nothing to say. */
function urlWithout(fault: (value: string) => string | null) {
  return z.string().transform((value, context) => {
    const message = fault(value)
    if (message === null) return value
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

function faultIn(value: string): string | null {
  if (isServer(value)) return faultInServer(value)
  const file = sqliteFile(value)
  if (file === undefined)
    return 'should be sqlite: and a file, such as sqlite:./data/understudy.db, or a postgres:// URL'
  if (file === ':memory:') return 'should be a file: an in-memory database loses accepted work'
  return /[?#]|\/$/.test(file) ? 'should be sqlite: and a file, without options' : null
}

function faultInServer(value: string): string | null {
  if (/\?/.test(value))
    return 'should not have options after a `?`; TLS is set with storage.tls_mode, and `?` in a password is written %3F'
  if (/^postgres(ql)?:\/\/([^/]*@)?\//i.test(value)) return `${serverForm}; the host is missing`
  const url = serverUrl(value)
  if (url === null || url.hash !== '' || /\s/.test(value))
    return `${serverForm}; special characters of the password are percent-encoded (\`/\` is %2F, \`@\` is %40, \`#\` is %23)`
  if (!/^\/[^/]+$/.test(url.pathname)) return `${serverForm}; the name of the database is missing`
  return isDecodable(url) ? null : `${serverForm}; a \`%\` in the user or the password is written %25`
}

function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    return decodeURIComponent(username + password + pathname) !== ''
  } catch {
    return false
  }
}

function isServer(value: string): boolean {
  return /^postgres(ql)?:/i.test(value)
}

function serverUrl(value: string): URL | null {
  return /^postgres(ql)?:\/\//i.test(value) ? URL.parse(value) : null
}

function sqliteFile(value: string): string | undefined {
  return /^sqlite:(?:\/\/)?(.+)$/.exec(value)?.[1]
}

/** A socket in the file system counts as well. */
function isThisMachine(hostname: string): boolean {
  const host = hostname.replaceAll(/[[\]]/g, '')
  return (
    host === 'localhost' ||
    host === '::1' ||
    host.startsWith('%2') ||
    (isIP(host) === 4 && host.startsWith('127.'))
  )
}
