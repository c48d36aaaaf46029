/**
 * - `disk_full`: no space left; nothing was written.
 * - `busy`: too many pending writes, or another program has locked the file; retry later.
 * - `closed`: the storage is shutting down.
 * - `unreachable`: the database server is away, starts, or did not answer.
 * - `failed`: any other error of the engine; see `cause`.
 */
export type StorageErrorCode = 'disk_full' | 'busy' | 'closed' | 'unreachable' | 'failed'

/**
 * A read or write that the storage engine could not complete. A write that rejects with it changed nothing, unless
 * `mayBeWritten`: the answer to its commit was lost, and it could not be found out in time whether it was made. Idempotency keys
 * and versions make it safe to repeat.
 */
export class StorageError extends Error {
  override name = 'StorageError'
  readonly code: StorageErrorCode
  readonly mayBeWritten: boolean

  constructor(
    code: StorageErrorCode,
    message: string,
    { mayBeWritten = false, ...options }: ErrorOptions & { mayBeWritten?: boolean } = {},
  ) {
    super(message, options)
    this.code = code
    this.mayBeWritten = mayBeWritten
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
