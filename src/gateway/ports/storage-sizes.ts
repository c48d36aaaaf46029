import type { storageDirectories } from '../domain/observability/gateway-metrics.ts'

/**
 * In bytes: what is free where the database and the media are, for a user without privileges, and how large the database is.
 * What is free at a server of its own is not known here.
 */
export interface StorageSizes {
  freeBytes: Partial<Record<(typeof storageDirectories)[number], number>>
  databaseBytes: number
}

export type ReadStorageSizes = () => Promise<StorageSizes>
