import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { MediaId } from '../../domain/ids.ts'
import type { FileFacts, MediaFiles } from '../../ports/media/media-files.ts'
import { stripSuffix, thumbnailSuffix } from '../archive/archive-files.ts'
import { receive } from '../archive/receive.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../archive/temporary-folder.ts'
import { systemDisk } from '../disk.ts'
import { contentTypeOf } from '../inspect/inspect.ts'
import { objectKeys } from './object-keys.ts'
import { createS3Client } from './requests/s3-client.ts'
import { headObject, isMissing, readObject, removeObject } from './requests/s3-objects.ts'
import { createS3Signer } from './requests/s3-signer.ts'
import { uploadFile } from './requests/s3-upload.ts'
import type { S3ArchiveOptions } from './s3-archive.ts'
import { createS3Listing } from './s3-listing.ts'

type BucketOptions = Pick<
  S3ArchiveOptions,
  'place' | 'keys' | 'prefix' | 'buffer' | 'bufferBytes' | 'limits' | 'sizes'
>

/**
 * The files of an archive in a bucket. A file is received in the local buffer, compared with its checksum and only then uploaded.
 * Throws `S3Error`. `close` ends connections.
 */
export function bucketFiles(options: BucketOptions): MediaFiles & { close(): void } {
  const client = createS3Client(createS3Signer(options.place, options.keys), options.limits)
  const keys = objectKeys(options.prefix)
  const listing = createS3Listing(client, keys)
  const inBuffer = createRoom(options.bufferBytes)
  let opened: Promise<TemporaryFolder> | null = null

  /** Of an object that was uploaded by other means than this program's. */
  async function hashed(id: MediaId): Promise<FileFacts | null> {
    const hash = createHash('sha256')
    let bytes = 0
    try {
      for await (const chunk of readObject(client, keys.media(id), null)) {
        bytes += chunk.byteLength
        hash.update(chunk)
      }
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
    return { bytes, sha256: hash.digest('hex') }
  }

  async function upload(id: MediaId, body: AsyncIterable<Uint8Array>, { bytes, sha256 }: FileFacts) {
    opened ??= openTemporaryFolder(join(options.buffer, 'tmp'), systemDisk)
    const folder = await opened
    const path = folder.path()
    const { signal } = new AbortController()
    try {
      const rules = { maxBytes: bytes, expectedBytes: null, accept: [], signal }
      const received = await receive(systemDisk, path, body, rules)
      if (received.type === 'too_large') return false
      if (received.type !== 'received') throw new Error(received.message)
      if (received.sha256 !== sha256) return false
      const file = { path, bytes, sha256, contentType: await contentTypeOf(path) }
      await uploadFile(client, keys.media(id), file, { signal, sizes: options.sizes })
      return true
    } finally {
      await folder.remove(path)
    }
  }

  return {
    async *list() {
      for (const part of await listing.parts()) for (const { id } of await listing.mediaIn(part)) yield id
    },
    size: async (id) => (await headObject(client, keys.media(id)))?.bytes ?? null,
    async facts(id) {
      const found = await headObject(client, keys.media(id))
      if (found === null) return null
      return found.sha256 === null ? hashed(id) : { bytes: found.bytes, sha256: found.sha256 }
    },
    read: (id) => readObject(client, keys.media(id), null),
    put: (id, body, expected) => inBuffer(expected.bytes, () => upload(id, body, expected)),
    async removePictures(id) {
      for (const suffix of [thumbnailSuffix, stripSuffix])
        await removeObject(client, keys.picture(id, suffix))
    },
    close: () => client.close(),
  }
}

/** Runs work that takes room in its order, as soon as there is room for it. What takes more than all of it has it alone. */
function createRoom(most: number) {
  const waiting: Array<{ bytes: number; begin: () => void }> = []
  let taken = 0

  function admit(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (taken > 0 && taken + next.bytes > most) return
      taken += next.bytes
      waiting.shift()
      next.begin()
    }
  }

  return async <Result>(bytes: number, work: () => Promise<Result>): Promise<Result> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push({ bytes, begin: resolve })
    admit()
    await promise
    try {
      return await work()
    } finally {
      taken -= bytes
      admit()
    }
  }
}
