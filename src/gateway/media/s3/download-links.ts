import type { DownloadLinks } from '../../ports/media/download-links.ts'
import { objectKeys } from './object-keys.ts'
import { createS3Signer } from './requests/s3-signer.ts'
import type { S3Keys, S3Place } from './requests/s3-signer.ts'

/**
 * A caller follows at once; a player that reads range after range asks the gateway again. Nothing takes a link back, such as
 * the end of the key that it was given to.
 */
const validSeconds = 300

/** `endpoint` is where callers reach the bucket of `place`. */
export function createDownloadLinks(
  { place, keys, prefix }: { place: S3Place; keys: S3Keys; prefix: string },
  endpoint: string,
): DownloadLinks {
  const signer = createS3Signer({ ...place, endpoint }, keys)
  const objects = objectKeys(prefix)
  return {
    async linkTo(id, { contentType, fileName }) {
      const url = await signer.presign({
        key: objects.media(id),
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        query: {
          'response-content-type': contentType,
          'response-content-disposition': `inline; filename="${fileName}"`,
        },
        validSeconds,
      })
      return url.href
    },
  }
}
