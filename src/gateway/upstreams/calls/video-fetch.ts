import type { VideoFetch } from '../../ports/upstream.ts'
import { retryAfter } from '../transport/retry-after.ts'
import { readVendorError } from '../answers/verdicts/vendor-error.ts'
import type { Download } from '../transport/download.ts'
import type { Answer } from '../transport/exchange.ts'

/** The server has no such endpoint, which says nothing about the video. */
export interface NoRoute {
  type: 'no_route'
  message: string
}

/**
 * Tries the sources of a video one after the other. If all fail, reports the failure of the most likely one, unless
 * that endpoint does not exist.
 */
export async function firstVideo<T>(
  targets: readonly T[],
  fetch: (target: T) => Promise<VideoFetch | NoRoute>,
): Promise<VideoFetch> {
  let first: VideoFetch | NoRoute = { type: 'no_route', message: 'The response has no video URL.' }
  for (const target of targets) {
    const fetched = await fetch(target)
    if (fetched.type === 'body') return fetched
    if (first.type === 'no_route') first = fetched
  }
  return first.type === 'no_route'
    ? { type: 'unavailable', message: first.message, retryAfterMs: null }
    : first
}

/**
 * The outcome of a download. `expiresAt` and `now` in ms since the epoch. A 404 for a finished video means "not yet",
 * unless it has expired or the vendor says that it is gone: a paid video is not given up without a reason.
 */
export async function videoFetchOf(
  download: Download,
  { expiresAt, now }: { expiresAt: number | null; now: number },
): Promise<VideoFetch | NoRoute> {
  const hasExpired = expiresAt !== null && expiresAt <= now
  switch (download.type) {
    case 'body':
      return await ifMedia(download)
    case 'answer':
      return failedFetch(download.answer, hasExpired, now)
    case 'failed':
      if (hasExpired) return { type: 'gone', message: `${download.message} The video has expired.` }
      return { type: 'unavailable', message: download.message, retryAfterMs: null }
    case 'forbidden':
      return { type: 'unavailable', message: download.message, retryAfterMs: null }
  }
}

function failedFetch(answer: Answer, hasExpired: boolean, now: number): VideoFetch | NoRoute {
  const { status } = answer
  const { message: said, shape } = readVendorError(answer)
  const message = said === '' ? `HTTP ${status}` : `HTTP ${status}: ${said}`
  const isClientError = status >= 400 && status < 500 && status !== 429
  const retryAfterMs = retryAfter(answer.headers, now)
  if (isClientError && /\bnot (yet )?(ready|completed?)\b|\bstill (processing|running)\b/i.test(said))
    return { type: 'not_ready', message, retryAfterMs }
  const isGone = status === 410 || /\b(has )?expired\b|\bdeleted\b/i.test(said)
  if (isClientError && (isGone || (hasExpired && [403, 404].includes(status))))
    return { type: 'gone', message }
  const isRoute =
    shape === 'html' || /\binvalid url\b|^route \S+ not found|^cannot get \/|\bno (such )?route\b/i.test(said)
  if ([404, 405, 501].includes(status) && isRoute)
    return { type: 'no_route', message: `${message} (no such endpoint)` }
  if (status === 404) return { type: 'not_ready', message, retryAfterMs }
  return { type: 'unavailable', message, retryAfterMs }
}

/**
 * Checks the first bytes, not the declared type: errors are sent as 200 `video/mp4`
 * (docs/vendors/failure-modes.md#error-as-a-video), and videos as `text/html`. The archive checks whether the video is
 * complete and playable.
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
      message: 'The download was interrupted before its first byte.',
      retryAfterMs: null,
    }
  }
  if (first.done === true) return { type: 'not_media', message: 'The video is empty.' }
  if (looksLikeText(first.value)) {
    await iterator.return?.()
    const what =
      contentType === null || !/text|json|xml/i.test(contentType) ? 'text' : contentType.slice(0, 60)
    return { type: 'not_media', message: `The response is ${what}, not a video.` }
  }
  return { type: 'body', body: resumed(first, iterator), bytes, contentType }
}

export function looksLikeText(chunk: Uint8Array): boolean {
  const start = Buffer.from(chunk.subarray(0, 64)).toString('latin1').trimStart()
  return /^\uFEFF?[{[<]/.test(start) || /^[\s!-~]{16,}$/.test(start)
}

/** The body with its first chunk put back. Returning the iterator ends the download, even if nothing was read. */
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
