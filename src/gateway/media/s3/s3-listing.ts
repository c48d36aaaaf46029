import type { ArchiveListing } from '../../ports/media/archive-listing.ts'
import type { MediaId } from '../../domain/ids.ts'
import type { ObjectKeys } from './object-keys.ts'
import { objectPageIn, uploadPageIn } from './requests/s3-answers.ts'
import type { ObjectPage } from './requests/s3-answers.ts'
import type { S3Client } from './requests/s3-client.ts'
import { S3Error } from './requests/s3-error.ts'
import { isMissing } from './requests/s3-objects.ts'

/** Lists only keys that the archive itself uses. The times are those of the server, which takes no request that is 15 minutes off. */
export function createS3Listing(client: S3Client, keys: ObjectKeys): ArchiveListing {
  async function* pages(query: Record<string, string>): AsyncGenerator<ObjectPage> {
    for (let next: string | null = ''; next !== null;) {
      const token: Record<string, string> = next === '' ? {} : { 'continuation-token': next }
      const { text } = await client.call({
        method: 'GET',
        key: null,
        query: { 'list-type': '2', ...query, ...token },
      })
      const page = objectPageIn(text)
      if (page === null) throw new S3Error('failed', 'no listing')
      yield page
      next = page.next
    }
  }

  return {
    async parts() {
      const found: string[] = []
      for await (const { prefixes } of pages({ prefix: keys.root, delimiter: '/' })) {
        for (const prefix of prefixes) {
          const part = keys.partOf(prefix)
          if (part !== null) found.push(part)
        }
      }
      return found
    },
    async mediaIn(part) {
      const changed = new Map<MediaId, number>()
      for await (const { objects } of pages({ prefix: keys.part(part) })) {
        for (const { key, changedAt } of objects) {
          const id = keys.mediaOf(key)
          if (id !== null) changed.set(id, Math.max(changed.get(id) ?? 0, changedAt))
        }
      }
      return [...changed].map(([id, changedAt]) => ({ id, changedAt }))
    },
    abandonUploads: (before) => abandonUploads(client, keys, before),
  }
}

async function abandonUploads(client: S3Client, keys: ObjectKeys, before: number): Promise<number> {
  let removed = 0
  for (let query: Record<string, string> | null = {}; query !== null;) {
    const asked: Record<string, string> = { uploads: '', prefix: keys.root, ...query }
    const { text } = await client.call({ method: 'GET', key: null, query: asked })
    const page = uploadPageIn(text)
    if (page === null) throw new S3Error('failed', 'no listing')
    for (const { key, uploadId, begunAt } of page.uploads) {
      if (keys.mediaOf(key) === null || begunAt >= before) continue
      await client.call({ method: 'DELETE', key, query: { uploadId } }).catch((error: unknown) => {
        // Completed or removed by another node meanwhile.
        if (!isMissing(error)) throw error
      })
      removed++
    }
    query = page.next && { 'key-marker': page.next.key, 'upload-id-marker': page.next.uploadId }
  }
  return removed
}
