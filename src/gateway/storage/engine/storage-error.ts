/**
 * - `disk_full`: no space left; nothing was written.
 * - `busy`: too many pending writes, or another program has locked the file; retry later.
 * - `closed`: the storage is shutting down.
 * - `unreachable`: the database server is away, starts, or did not answer. A write whose commit was under way may have
 *   been made all the same; idempotency keys and versions make it safe to repeat.
 * - `failed`: any other error of the engine; see `cause`.
 */
export type StorageErrorCode = 'disk_full' | 'busy' | 'closed' | 'unreachable' | 'failed'

/** A read or write that the storage engine could not complete. A write that rejects with it changed nothing, with the one exception named above. */
export class StorageError extends Error {
  override name = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The file has migrations of a later release, whose records this one may not understand. Nothing was changed. */
export class NewerDatabaseError extends Error {
  override name = 'NewerDatabaseError'

  constructor(file: string, unknown: readonly string[]) {
    super(
      `${file} was written by a later release of Understudy (${unknown.join(', ')}). ` +
        'Start that release, or restore the backup from before the upgrade.',
    )
  }
}

/** Another process has this database open. */
export class StorageInUseError extends Error {
  override name = 'StorageInUseError'
  readonly file: string

  constructor(file: string, options?: ErrorOptions) {
    super(`${file} is in use by another process. Stop that process, or configure another file.`, options)
    this.file = file
  }
}
