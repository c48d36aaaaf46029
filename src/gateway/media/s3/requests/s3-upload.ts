import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { completionOf, etagIn, uploadIdIn } from './s3-answers.ts'
import { copyPartBytes, leastPartBytes, mostCopyBytes, mostSingleBytes, planParts } from './part-plan.ts'
import type { Part } from './part-plan.ts'
import type { S3Client } from './s3-client.ts'
import { S3Error } from './s3-error.ts'
import { digestHeader, headObject, isMissing } from './s3-objects.ts'
import type { ObjectFacts } from './s3-objects.ts'

export interface UploadedFile {
  path: string
  bytes: number
  sha256: string
  contentType: string
}

/** Sizes in bytes from which requests are split, and of the parts. Tests use smaller ones. */
export interface UploadSizes {
  single: number
  part: number
  copy: number
  copyPart: number
}

export const usualSizes: UploadSizes = {
  single: mostSingleBytes,
  part: leastPartBytes,
  copy: mostCopyBytes,
  copyPart: copyPartBytes,
}

/** Parts of one file on their way at once. */
const atOnce = 3

/**
 * Uploads a file, which is visible under its key at once and as a whole. Its digest is checked on the bytes that are sent, by
 * the server too, and kept with it. Throws `S3Error`, what aborted `signal`, and an error for a file that has changed.
 */
export async function uploadFile(
  client: S3Client,
  key: string,
  file: UploadedFile,
  { signal, sizes = usualSizes }: { signal: AbortSignal; sizes?: UploadSizes | undefined },
): Promise<void> {
  const headers = { 'content-type': file.contentType, [digestHeader]: file.sha256 }
  try {
    if (file.bytes <= sizes.single) {
      const payload = { bytes: file.bytes, sha256: file.sha256, open: () => createReadStream(file.path) }
      await client.call({ method: 'PUT', key, headers, payload, signal })
      return
    }
    await inParts(client, key, { headers, digest: file.sha256, signal }, (uploadId) =>
      sendParts(client, { key, uploadId, file, signal }, planParts(file.bytes, sizes.part)),
    )
  } catch (error) {
    // A server that refuses a request may close before it has read the body, and its reason is lost.
    if (error instanceof S3Error && error.kind === 'passing')
      await client.call({ method: 'GET', key: null, query: { 'list-type': '2', 'max-keys': '1' }, signal })
    throw error
  }
}

/** Copies an object within the bucket, on the server. False if there is no such object. */
export async function copyObject(
  client: S3Client,
  bucket: string,
  { from, to }: { from: string; to: string },
  sizes: UploadSizes = usualSizes,
): Promise<boolean> {
  const facts = await headObject(client, from)
  if (facts === null) return false
  const source = `/${bucket}/${from.split('/').map(encodeURIComponent).join('/')}`
  const headers = { 'x-amz-copy-source': source, 'x-amz-copy-source-if-match': facts.etag }
  try {
    if (facts.bytes <= sizes.copy) await client.call({ method: 'PUT', key: to, headers })
    else await copyParts(client, to, facts, { headers, parts: planParts(facts.bytes, sizes.copyPart) })
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

interface DonePart {
  number: number
  etag: string
}

async function copyParts(
  client: S3Client,
  key: string,
  { sha256, contentType }: ObjectFacts,
  { headers, parts }: { headers: Record<string, string>; parts: Part[] },
): Promise<void> {
  const kept = { 'content-type': contentType, ...(sha256 !== null && { [digestHeader]: sha256 }) }
  await inParts(client, key, { headers: kept, digest: sha256 }, async (uploadId) => {
    const done: DonePart[] = []
    for (const { number, start, end } of parts) {
      const { text } = await client.call({
        method: 'PUT',
        key,
        query: { partNumber: String(number), uploadId },
        headers: { ...headers, 'x-amz-copy-source-range': `bytes=${start}-${end}` },
      })
      done.push({ number, etag: etagIn(text) ?? '' })
    }
    return done
  })
}

/** Begins an upload, has `send` fill it, and completes it; nothing is visible before, and nothing is left after a failure. */
async function inParts(
  client: S3Client,
  key: string,
  about: { headers: Record<string, string>; digest: string | null; signal?: AbortSignal },
  send: (uploadId: string) => Promise<DonePart[]>,
): Promise<void> {
  const { headers, digest, signal } = about
  const begun = await client.call({ method: 'POST', key, query: { uploads: '' }, headers, signal })
  const uploadId = uploadIdIn(begun.text)
  if (uploadId === null) throw new S3Error('failed', 'no upload ID')
  try {
    const text = completionOf(await send(uploadId))
    const bytes = Buffer.from(text)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const payload = { bytes: bytes.byteLength, sha256, open: () => bytes }
    await client.call({ method: 'POST', key, query: { uploadId }, payload, signal })
  } catch (error) {
    // A completion whose answer was lost: repeated, it finds the upload gone.
    if (isMissing(error) && digest !== null && (await headObject(client, key))?.sha256 === digest) return
    // What is left after this fails is found by the listing of unfinished uploads.
    await client.call({ method: 'DELETE', key, query: { uploadId } }).catch(() => undefined)
    throw error
  }
}

interface Sending {
  key: string
  uploadId: string
  file: UploadedFile
  signal: AbortSignal
}

/** Each part is read twice, for its digest and to be sent, so that none is held in memory. */
async function sendParts(client: S3Client, sending: Sending, parts: Part[]): Promise<DonePart[]> {
  const { key, uploadId, file, signal } = sending
  const whole = createHash('sha256')
  const halt = new AbortController()
  const inFlight = new Set<Promise<void>>()
  const done: DonePart[] = []
  const either = AbortSignal.any([signal, halt.signal])

  async function sendPart({ number, start, end }: Part, sha256: string): Promise<void> {
    const open = () => createReadStream(file.path, { start, end })
    const { headers } = await client.call({
      method: 'PUT',
      key,
      query: { partNumber: String(number), uploadId },
      payload: { bytes: end - start + 1, sha256, open },
      signal: either,
    })
    done.push({ number, etag: headers['etag'] ?? '' })
  }

  try {
    for (const part of parts) {
      const sent = sendPart(part, await hashPart(file.path, part, whole)).finally(() => inFlight.delete(sent))
      inFlight.add(sent)
      sent.catch(() => halt.abort())
      if (inFlight.size >= atOnce) await Promise.race(inFlight)
    }
    await Promise.all(inFlight)
  } catch (error) {
    halt.abort()
    await Promise.allSettled(inFlight)
    throw error
  }
  if (whole.digest('hex') !== file.sha256) throw new Error('A file changed while it was uploaded.')
  return done.toSorted((a, b) => a.number - b.number)
}

async function hashPart(path: string, { start, end }: Part, whole: Hash): Promise<string> {
  const own = createHash('sha256')
  for await (const chunk of createReadStream(path, { start, end })) {
    if (!(chunk instanceof Uint8Array)) throw new Error('A file was read as text.')
    own.update(chunk)
    whole.update(chunk)
  }
  return own.digest('hex')
}
