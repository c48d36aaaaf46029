import { DatabaseError } from 'pg'
import { StorageError } from '../engine/storage-error.ts'

/** What to do about an answer of the server that another try would get again, by its SQLSTATE. */
const byState: Record<string, string> = {
  '28P01': 'Check the user and the password in storage.url.',
  '28000': 'Check the user and the password in storage.url, and pg_hba.conf of the server.',
  '3D000': 'Create the database, or correct its name in storage.url.',
  '42501': 'Make the user of storage.url the owner of the database, so that it may create tables.',
}

const certificates = 'Name the authority that signed the certificate of the server with storage.tls_ca.'

/** The same for faults of TLS, by the code of Node.js. */
const byCode: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: certificates,
  SELF_SIGNED_CERT_IN_CHAIN: certificates,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificates,
  UNABLE_TO_GET_ISSUER_CERT: certificates,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificates,
  CERT_HAS_EXPIRED: 'Renew the certificate of the server.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Use a host name in storage.url that the certificate of the server has.',
}

/** What has to be changed before this server can be used; null if it may be away, and could be back. */
export function connectAdvice(error: unknown): string | null {
  const cause = error instanceof StorageError ? (error.cause ?? error) : error
  if (!(cause instanceof Error)) return null
  if (cause.message.includes('unsupported startup parameter'))
    return 'This is a pooler such as PgBouncer. Set storage.prepared_statements: false.'
  if (cause instanceof DatabaseError) return byState[cause.code ?? ''] ?? null
  if (cause.message.includes('does not support SSL'))
    return 'Turn on TLS at the server, or set storage.tls_mode: disable if the network is trusted.'
  if (cause.message.includes('password must be a string')) return byState['28P01'] ?? null
  return 'code' in cause && typeof cause.code === 'string' ? (byCode[cause.code] ?? null) : null
}
