import type { MediaId } from '../../domain/ids.ts'
import { receive } from '../archive/receive.ts'
import type { Refused } from '../archive/receive.ts'
import { interrupted } from '../archive/receive.ts'
import type { TemporaryFolder } from '../archive/temporary-folder.ts'
import type { Disk } from '../disk.ts'
import { isNoSpace, systemCode } from '../machine-fault.ts'
import type { ObjectKeys } from './object-keys.ts'
import type { S3Client } from './requests/s3-client.ts'
import { S3Error } from './requests/s3-error.ts'
import { headObject, readObject } from './requests/s3-objects.ts'

/** For a file that is fetched to be looked at: as long as a download from an upstream may take. */
const fetchMs = 15 * 60_000

type WithMedia = <Result>(id: MediaId, work: (file: string) => Promise<Result>) => Promise<Result | null>

/**
 * Runs work on a copy of a stored file in the local buffer, which is removed afterwards; null if there is no such file. Throws
 * if the bytes that came are not those that were uploaded.
 */
export function withLocalCopy(parts: {
  client: S3Client
  keys: ObjectKeys
  folder: TemporaryFolder
  disk: Disk
}): WithMedia {
  const { client, keys, folder, disk } = parts
  return async (id, work) => {
    const key = keys.media(id)
    const facts = await headObject(client, key)
    if (facts === null) return null
    const path = folder.path()
    try {
      const signal = AbortSignal.timeout(fetchMs)
      const rules = { maxBytes: facts.bytes, expectedBytes: facts.bytes, accept: [], signal }
      const received = await receive(disk, path, readObject(client, key, null), rules)
      if (received.type !== 'received') throw new S3Error('passing', 'download cut')
      if (facts.sha256 !== null && facts.sha256 !== received.sha256)
        throw new S3Error('failed', 'damaged file')
      return await work(path)
    } finally {
      await folder.remove(path)
    }
  }
}

/** The outcome of a write whose storage failed. Throws everything else, and for a file that is not there. */
export async function outcomeOf<Outcome>(
  signal: AbortSignal,
  work: () => Promise<Outcome>,
): Promise<Outcome | Refused> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) return interrupted('The transfer was cancelled.')
    if (isNoSpace(systemCode(error)))
      return { type: 'no_space', message: 'The local buffer of the archive is full.' }
    if (!(error instanceof S3Error) || error.kind === 'missing') throw error
    return { type: error.kind === 'full' ? 'no_space' : 'unavailable', message: error.message }
  }
}
