import { join } from 'node:path'
import type { MediaId } from '../../domain/ids.ts'
import type { ArchiveListing } from '../../ports/media/archive-listing.ts'
import type { DownloadLinks } from '../../ports/media/download-links.ts'
import type { FrameGallery } from '../../ports/media/frame-gallery.ts'
import type { MediaArchive, PutOutcome } from '../../ports/media/media-archive.ts'
import { stripSuffix, thumbnailSuffix } from '../archive/archive-files.ts'
import { hashFile, receive } from '../archive/receive.ts'
import { storeStills } from '../archive/store-stills.ts'
import { createTemporaryFiles, refusal } from '../archive/temporary-files.ts'
import { openTemporaryFolder } from '../archive/temporary-folder.ts'
import { writeFault } from '../archive/write-fault.ts'
import { sync, systemDisk } from '../disk.ts'
import type { Disk } from '../disk.ts'
import { createFrameGallery } from '../frames/frame-gallery.ts'
import { createFrames, type Frames } from '../frames/frames.ts'
import { createPictures } from '../inspect/pictures.ts'
import { boundedFolder } from './bounded-folder.ts'
import { createDownloadLinks } from './download-links.ts'
import { objectKeys } from './object-keys.ts'
import { createS3Client } from './requests/s3-client.ts'
import type { S3Limits } from './requests/s3-client.ts'
import { S3Error } from './requests/s3-error.ts'
import { headObject, readObject, removeObject } from './requests/s3-objects.ts'
import { createS3Signer } from './requests/s3-signer.ts'
import type { S3Keys, S3Place } from './requests/s3-signer.ts'
import { copyObject, uploadFile } from './requests/s3-upload.ts'
import type { UploadSizes } from './requests/s3-upload.ts'
import { outcomeOf, withLocalCopy } from './s3-files.ts'
import { createS3Listing } from './s3-listing.ts'
import { createS3Pictures } from './s3-pictures.ts'
import { createWriteTest } from './s3-write-test.ts'

export interface S3ArchiveOptions {
  place: S3Place
  keys: S3Keys
  /** What all keys begin with; without slashes at its ends. */
  prefix: string
  /** Folder for files that are being received, inspected, cut or decoded. */
  buffer: string
  /** What they may hold together. */
  bufferBytes: number
  /** Where callers reach the bucket, to download from it; null or absent: the gateway serves all bytes. */
  publicEndpoint?: string | null
  frames?: Frames
  disk?: Disk
  limits?: S3Limits
  sizes?: UploadSizes | undefined
}

type S3Archive = MediaArchive & {
  gallery: FrameGallery
  listing: ArchiveListing
  downloads: DownloadLinks | null
  close(): void
}

/**
 * A media archive in a bucket of S3-compatible storage. A file is received and inspected in a local buffer and uploaded only
 * then, so that what was refused never has a key; a replacement is one PUT or one completed upload, which S3 makes visible
 * as a whole. `close` ends child processes and connections.
 */
export async function createS3Archive(options: S3ArchiveOptions): Promise<S3Archive> {
  const parts = await openParts(options)
  const { frames, folder, disk, client, keys, sizes } = parts
  const { withMedia, thumbnails, strips, forgetPictures } = picturesOf(parts)
  const temporary = createTemporaryFiles(folder, frames, async (id, path, info, signal) => {
    await uploadFile(client, keys.media(id), { ...info, path }, { signal, sizes })
    await forgetPictures(id)
  })
  const writeTest = createWriteTest(client, keys.writeTest)
  async function remove(id: MediaId): Promise<void> {
    // The file goes first: a thumbnail that is being made checks at the end whether its file still exists.
    await removeObject(client, keys.media(id))
    await forgetPictures(id)
  }
  /** Runs `work` on a local copy of a stored video. Throws if there is none. */
  async function withVideo<Outcome>(
    id: MediaId,
    signal: AbortSignal,
    work: (file: string) => Promise<Outcome>,
  ) {
    return outcomeOf(signal, async () => {
      const outcome = await withMedia(id, work)
      if (outcome === null) throw new S3Error('missing', 'NoSuchKey')
      return outcome
    })
  }

  return {
    async put(id, body, rules) {
      keys.media(id)
      const write = async (path: string): Promise<PutOutcome> => {
        const received = await receive(disk, path, body, rules)
        return received.type === 'received' ? temporary.keep(id, path, received, rules) : received
      }
      return outcomeOf(rules.signal, () => temporary.write(write))
    },
    size: async (id) => (await headObject(client, keys.media(id)))?.bytes ?? null,
    read: (id, range) => readObject(client, keys.media(id), range),
    async copy(from, to) {
      const names = { from: keys.media(from), to: keys.media(to) }
      try {
        if (!(await copyObject(client, options.place.bucket, names, sizes))) return 'missing'
      } catch (error) {
        if (error instanceof S3Error && error.kind === 'full') return 'no_space'
        throw error
      }
      await forgetPictures(to)
      return 'copied'
    },
    remove,
    thumbnail: (id) => thumbnails.get(id),
    async cut(from, to, span, signal) {
      keys.media(to)
      return withVideo(from, signal, async (file): Promise<PutOutcome> => {
        if (!(span.start >= 0 && span.start < span.end))
          return { type: 'not_media', message: 'The clip ends before it starts.' }
        return temporary.write(async (path) => {
          const written = await frames.cut(file, path, span, signal)
          if (written.type !== 'written') return refusal(written)
          await sync(disk, path)
          return temporary.keep(to, path, await hashFile(path), { accept: ['video'], signal })
        })
      })
    },
    stills: (from, to, signal) =>
      withVideo(from, signal, (file) =>
        storeStills({ folder, frames, temporary, disk, remove }, { from: file, to, signal }),
      ),
    gallery: createFrameGallery(folder, strips, frames),
    listing: createS3Listing(client, keys),
    downloads: options.publicEndpoint == null ? null : createDownloadLinks(options, options.publicEndpoint),
    writeFault: async () => (await writeFault(disk, folder)) ?? writeTest(),
    close() {
      frames.close()
      client.close()
    },
  }
}

async function openParts(options: S3ArchiveOptions) {
  const { frames = createFrames(), disk: whole = systemDisk, place, limits, sizes } = options
  const opened = await openTemporaryFolder(join(options.buffer, 'tmp'), whole)
  const { folder, disk } = boundedFolder(opened, whole, options.bufferBytes)
  const client = createS3Client(createS3Signer(place, options.keys), limits)
  return { frames, folder, disk, client, keys: objectKeys(options.prefix), sizes }
}

function picturesOf(parts: Awaited<ReturnType<typeof openParts>>) {
  const { frames, folder, client, keys } = parts
  const withMedia = withLocalCopy(parts)
  const shelf = { client, keys, temporary: folder, withMedia }
  const thumbnails = createPictures(createS3Pictures(shelf, thumbnailSuffix), (file, output) =>
    frames.thumbnail(file, output),
  )
  const strips = createPictures(createS3Pictures(shelf, stripSuffix), (file, output) =>
    frames.strip(file, output),
  )
  const forgetPictures = async (id: MediaId): Promise<void> => {
    await thumbnails.forget(id)
    await strips.forget(id)
  }
  return { withMedia, thumbnails, strips, forgetPictures }
}
