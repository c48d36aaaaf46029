import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ReadStorageSizes } from '../../ports/storage-sizes.ts'

/** The database consists of its file and what SQLite keeps beside it. */
const databaseParts = ['', '-wal', '-shm']

export function createReadStorageSizes(places: { file: string; media: string }): ReadStorageSizes {
  return async () => {
    const [data, media, ...parts] = await Promise.all([
      freeBytes(dirname(places.file)),
      freeBytes(places.media),
      ...databaseParts.map((part) => sizeOf(`${places.file}${part}`)),
    ])
    return { freeBytes: { data, media }, databaseBytes: parts.reduce((sum, bytes) => sum + bytes, 0) }
  }
}

/** For a database on a server: its size is asked for, and what is free there is not known. */
export function createReadServerSizes(from: {
  databaseBytes: () => Promise<number>
  media: string
}): ReadStorageSizes {
  return async () => {
    const [media, databaseBytes] = await Promise.all([freeBytes(from.media), from.databaseBytes()])
    return { freeBytes: { media }, databaseBytes }
  }
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** 0 if there is none: SQLite makes and removes the files beside the database. */
async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  return found?.size ?? 0
}
