import { createHash } from 'node:crypto'
import type { ByteRange } from '../../../ports/media/media-archive.ts'
import type { S3Client } from './s3-client.ts'
import { S3Error, isNetworkFault, noAnswer } from './s3-error.ts'

export interface ObjectFacts {
  bytes: number
  /** As it was uploaded with; null for an object that this gateway did not write. */
  sha256: string | null
  contentType: string
  etag: string
}

/** How often in a row reading continues without a byte in between. */
const mostResumptions = 3

/** Where the digest of the whole is kept. */
export const digestHeader = 'x-amz-meta-sha256'

/** Null if there is no such object. */
export async function headObject(client: S3Client, key: string): Promise<ObjectFacts | null> {
  const answer = await orMissing(client.call({ method: 'HEAD', key }))
  // HEAD names no reason: without its bucket, every file would count as removed.
  if (answer === null) await orMissing(client.call({ method: 'GET', key, headers: { range: 'bytes=0-0' } }))
  return (
    answer && {
      bytes: Number(answer.headers['content-length']),
      sha256: answer.headers[digestHeader] ?? null,
      contentType: answer.headers['content-type'] ?? 'application/octet-stream',
      etag: answer.headers['etag'] ?? '',
    }
  )
}

/** The bytes of a small object; null if there is none. */
export async function readSmall(client: S3Client, key: string): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of readObject(client, key, null)) chunks.push(chunk)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  return Buffer.concat(chunks)
}

export async function putSmall(
  client: S3Client,
  key: string,
  bytes: Uint8Array,
  { contentType, signal }: { contentType: string; signal?: AbortSignal },
): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const payload = { bytes: bytes.byteLength, sha256, open: () => bytes }
  await client.call({ method: 'PUT', key, headers: { 'content-type': contentType }, payload, signal })
}

/** Succeeds where there is no such object. */
export async function removeObject(client: S3Client, key: string): Promise<void> {
  await orMissing(client.call({ method: 'DELETE', key }))
}

/**
 * Streams an object, or the bytes of a range. A connection that is cut is continued where it ended, if the object is still the
 * same. Throws `S3Error`; `missing` before the first byte.
 */
export async function* readObject(
  client: S3Client,
  key: string,
  range: ByteRange | null,
): AsyncGenerator<Uint8Array, void> {
  let at = range?.start ?? 0
  let end = range?.end ?? null
  let etag: string | null = null
  for (let left = mostResumptions; ; left--) {
    const isWhole = at === 0 && end === null
    const { headers, body } = await client.open({
      method: 'GET',
      key,
      headers: {
        ...(!isWhole && { range: `bytes=${at}-${end ?? ''}` }),
        ...(etag !== null && { 'if-match': etag }),
      },
    })
    etag = headers['etag'] ?? null
    end ??= Number(headers['content-length']) - 1
    try {
      for await (const chunk of bytesOf(body)) {
        at += chunk.byteLength
        left = mostResumptions
        yield chunk
      }
      if (at > end) return
      if (left === 0 || etag === null) throw new S3Error('passing', 'download cut')
    } catch (error) {
      if (!isNetworkFault(error)) throw error
      if (left === 0 || etag === null) throw noAnswer(error)
    } finally {
      body.destroy()
    }
  }
}

async function* bytesOf(body: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new Error('An object was read as text.')
    yield chunk
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof S3Error && error.kind === 'missing'
}

async function orMissing<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
