import type { Config, Secrets } from '../config/settings.ts'
import { createFileArchive } from '../media/archive/file-archive.ts'

/** How the bucket of a configuration is reached; null where its archive is a folder. */
export function bucketOptions({ s3, directory }: Config['media'], { bucket: keys }: Pick<Secrets, 'bucket'>) {
  if (s3 === null || keys === null) return null
  const { prefix, bufferBytes, publicEndpoint, ...place } = s3
  return { place, keys, prefix, buffer: directory, bufferBytes, publicEndpoint }
}

/** The archive that the configuration names. That of a bucket is only loaded where it is used. */
export async function openArchive({ media }: Pick<Config, 'media'>, secrets: Pick<Secrets, 'bucket'>) {
  const options = bucketOptions(media, secrets)
  if (options === null) return createFileArchive({ directory: media.directory })
  const { createS3Archive } = await import('../media/s3/s3-archive.ts')
  return createS3Archive(options)
}
