/**
 * - `disk_full`: no room; nothing of the write was kept.
 * - `busy`: too many writes wait already, or another program holds the file; worth repeating later.
 * - `closed`: the storage is shutting down.
 * - `failed`: anything else the engine said; see `cause`.
 */
export type StorageErrorCode = 'disk_full' | 'busy' | 'closed' | 'failed'

/** A read or write that the storage engine could not do. A write that rejects with it has left nothing behind. */
export class StorageError extends Error {
  override name = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
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
