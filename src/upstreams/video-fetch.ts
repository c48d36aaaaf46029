import type { VideoFetch } from '../ports/upstream.ts'
import { isHtml } from './answers/json-body.ts'
import { retryHint } from './answers/retry-hint.ts'
import { readVendorError } from './answers/vendor-error.ts'
import type { Download } from './transport/download.ts'
import type { Answer } from './transport/exchange.ts'

/**
 * What a download came to. `expiresAt` and `now` in ms since the epoch. A 404 of a finished video means "not yet" unless the
 * vendor said when it would be gone, or says now that it is: giving a paid video up needs a reason.
 */
export async function videoFetchOf(
  download: Download,
  { expiresAt, now }: { expiresAt: number | null; now: number },
): Promise<VideoFetch> {
  const hasExpired = expiresAt !== null && expiresAt <= now
  switch (download.type) {
    case 'body':
      return await ifMedia(download)
    case 'answer':
      return failedFetch(download.answer, hasExpired, now)
    case 'failed':
      if (hasExpired) return { type: 'gone', message: `${download.message}, and the video has expired` }
      return { type: 'unavailable', message: download.message, retryAfterMs: null }
    case 'forbidden':
      return { type: 'unavailable', message: download.message, retryAfterMs: null }
  }
}

function failedFetch(answer: Answer, hasExpired: boolean, now: number): VideoFetch {
  const { status } = answer
  const { message: said } = readVendorError(answer)
  const message = said === '' ? `answered ${status}` : `answered ${status}: ${said}`
  const isClientError = status >= 400 && status < 500 && status !== 429
  const retryAfterMs = retryHint(answer.headers, now)
  if (isClientError && /\bnot (yet )?(ready|completed?)\b|\bstill (processing|running)\b/i.test(said))
    return { type: 'not_ready', message, retryAfterMs }
  const isGone = status === 410 || /\b(has )?expired\b|\bdeleted\b/i.test(said)
  if (isClientError && (isGone || (hasExpired && [403, 404].includes(status))))
    return { type: 'gone', message }
  if (status === 404) return { type: 'not_ready', message, retryAfterMs }
  return { type: 'unavailable', message, retryAfterMs }
}

/**
 * Looks at the declared type and at the first byte: errors come as 200 `video/mp4` too (official-api.md §5 row 9). Whether
 * it is a whole, playable video is for the archive to find out.
 */
async function ifMedia(download: Extract<Download, { type: 'body' }>): Promise<VideoFetch> {
  const { bytes, contentType } = download
  const iterator = download.body[Symbol.asyncIterator]()
  let first: IteratorResult<Uint8Array>
  try {
    first = await iterator.next()
  } catch {
    return {
      type: 'unavailable',
      message: 'the download broke off before its first byte',
      retryAfterMs: null,
    }
  }
  const isText = isHtml(contentType, '') || /\b(json|xml)\b|^text\//i.test(contentType ?? '')
  if (first.done === true) return { type: 'not_media', message: 'the video is empty' }
  if (isText || looksLikeText(first.value)) {
    await iterator.return?.()
    const what = contentType === null ? 'text' : contentType.slice(0, 60)
    return { type: 'not_media', message: `the answer is ${what}, not a video` }
  }
  return { type: 'body', body: resumed(first, iterator), bytes, contentType }
}

function looksLikeText(chunk: Uint8Array): boolean {
  const start = Buffer.from(chunk.subarray(0, 64)).toString('latin1').trimStart()
  return /^[{[<]/.test(start)
}

/** The body with its first chunk put back. Returning the iterator ends the download, also when nothing was read. */
function resumed(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let isFresh = true
  const iterator: AsyncIterator<Uint8Array> = {
    next() {
      if (!isFresh) return rest.next()
      isFresh = false
      return Promise.resolve(first)
    },
    async return() {
      await rest.return?.()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
