import { openConnection } from './node-sqlite.ts'
import { StorageError, StorageInUseError } from './storage-error.ts'

/**
 * Holds `<file>.lock` until `release`, or until the process ends, however it ends: the lock is the operating system's. It
 * lies beside the database so that other programs can still read the database itself.
 *
 * @throws StorageInUseError when another process holds it.
 */
export function lockForThisProcess(file: string): { release: () => void } {
  const lock = openConnection(`${file}.lock`, { readOnly: false, busyTimeoutMs: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (error instanceof StorageError && error.code === 'busy') {
      throw new StorageInUseError(file, { cause: error })
    }
    throw error
  }
  return { release: () => lock.close() }
}
