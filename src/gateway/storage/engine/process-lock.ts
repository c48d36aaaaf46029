import { openConnection } from './node-sqlite.ts'
import { StorageError, StorageInUseError } from './storage-error.ts'

/**
 * Holds `<file>.lock` until `release`, or until the process ends in any way: it is a lock of the operating system. A
 * separate file, so that other programs can still read the database.
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
