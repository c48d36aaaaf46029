import type { Config, Secrets } from '../config/settings.ts'
import { createFileArchive } from '../media/archive/file-archive.ts'

/** The archive that the configuration names. That of a bucket is only loaded where it is used. */
export async function openArchive({ media }: Pick<Config, 'media'>, secrets: Pick<Secrets, 'bucket'>) {
  if (media.s3 === null || secrets.bucket === null) return createFileArchive({ directory: media.directory })
  const { createS3Archive } = await import('../media/s3/s3-archive.ts')
  const { prefix, bufferBytes, ...place } = media.s3
  return createS3Archive({
    place,
    keys: secrets.bucket,
    prefix,
    buffer: media.directory,
    bufferBytes,
  })
}
