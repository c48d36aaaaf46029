import type { storageDirectories } from '../domain/observability/gateway-metrics.ts'

/** In bytes: what is free where the database and the media are, for a user without privileges, and how large the database is. */
export interface StorageSizes {
  freeBytes: Record<(typeof storageDirectories)[number], number>
  databaseBytes: number
}

export type ReadStorageSizes = () => Promise<StorageSizes>
