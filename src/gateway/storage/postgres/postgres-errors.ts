import { DatabaseError } from 'pg'
import { StorageError, type StorageErrorCode } from '../engine/storage-error.ts'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const codes: Record<string, StorageErrorCode> = {
  '53100': 'disk_full',
  // The server has no memory, connection or lock left, or did not give a lock or an answer in time.
  '53000': 'busy',
  '53200': 'busy',
  '53300': 'busy',
  '53400': 'busy',
  '55P03': 'busy',
  '57014': 'busy',
  '40001': 'busy',
  '40P01': 'busy',
  // The server ends or starts, or is a standby that this connection must leave.
  '57P01': 'unreachable',
  '57P02': 'unreachable',
  '57P03': 'unreachable',
  '57P05': 'unreachable',
  '25006': 'unreachable',
  '25P03': 'unreachable',
  '25P04': 'unreachable',
}

const voidPlan = '0A000'

/** Deadlock, serialization failure, and a plan that a migration made void: the transaction changed nothing. */
const runAgain = new Set(['40P01', '40001', voidPlan])

/** Every error of the driver as a StorageError. What is not the driver's (a TypeError, say) is returned unchanged. */
export function asStorageError(error: unknown): unknown {
  if (error instanceof StorageError || !(error instanceof Error)) return error
  if (error instanceof DatabaseError) return new StorageError(codeOf(error), error.message, { cause: error })
  if (error instanceof RangeError || error instanceof TypeError) return error
  // Everything else comes from the connection: of the system (`ECONNREFUSED`), of TLS, or of the driver, without a code.
  return new StorageError('unreachable', `the database server cannot be reached: ${error.message}`, {
    cause: error,
  })
}

function codeOf({ code = '' }: DatabaseError): StorageErrorCode {
  const known = codes[code]
  if (known !== undefined) return known
  return code.startsWith('08') ? 'unreachable' : 'failed'
}

/** True if the server rolled the transaction back for a reason that is gone when it runs again. */
export function mayRunAgain(error: unknown): boolean {
  return runAgain.has(serverCode(error))
}

/** True if a migration changed the columns of a prepared statement. */
export function isVoidPlan(error: unknown): boolean {
  return serverCode(error) === voidPlan
}

function serverCode(error: unknown): string {
  const cause = error instanceof StorageError ? error.cause : error
  return (cause instanceof DatabaseError ? cause.code : undefined) ?? ''
}

/** True if the connection must not be used again. */
export function breaksConnection(error: unknown): boolean {
  if (error instanceof StorageError && error.code === 'unreachable') return true
  return isVoidPlan(error)
}
