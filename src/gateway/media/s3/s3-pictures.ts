import { readFile } from 'node:fs/promises'
import type { MediaId } from '../../domain/ids.ts'
import type { TemporaryFolder } from '../archive/temporary-folder.ts'
import type { PictureShelf } from '../inspect/pictures.ts'
import type { ObjectKeys } from './object-keys.ts'
import type { S3Client } from './requests/s3-client.ts'
import { headObject, putSmall, readSmall, removeObject } from './requests/s3-objects.ts'

interface PictureDeps {
  client: S3Client
  keys: ObjectKeys
  temporary: TemporaryFolder
  withMedia: PictureShelf['withMedia']
}

/** Pictures beside their files in the bucket, so that every node has them once one has made them. */
export function createS3Pictures(deps: PictureDeps, suffix: string): PictureShelf {
  const { client, keys, temporary, withMedia } = deps
  const keyOf = (id: MediaId): string => keys.picture(id, suffix)
  return {
    temporary,
    withMedia,
    read: (id) => readSmall(client, keyOf(id)),
    hasMedia: async (id) => (await headObject(client, keys.media(id))) !== null,
    keep: async (tempFile, id) =>
      putSmall(client, keyOf(id), await readFile(tempFile), { contentType: 'image/webp' }),
    remove: (id) => removeObject(client, keyOf(id)),
    path: () => null,
  }
}
