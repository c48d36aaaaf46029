import { keptCharacters } from '../../domain/attempts/exchange.ts'
import type { Exchange } from '../../domain/attempts/exchange.ts'
import type { NoteExchange } from '../../ports/upstream.ts'
import type { Download, DownloadTarget } from '../transport/download.ts'
import { codeOf } from '../transport/send-error.ts'
import { headersOf, pathText } from './exchange-note.ts'
import type { Redact } from './redaction.ts'
import { looksLikeText } from './video-fetch.ts'

type Fetch = (target: DownloadTarget) => Promise<Download>

type Ending = Pick<Exchange, 'ending' | 'reason' | 'body' | 'bytes' | 'isCut'>

/**
 * Wraps `fetch` so that `note` is called for every download: for a file, without its bytes, once it was read or
 * abandoned; for text instead of a file, when it starts. What `note` receives is safe to store.
 */
export function toldDownload(
  fetch: Fetch,
  { redact, now }: { redact: Redact; now: () => number },
): (target: DownloadTarget, note: NoteExchange | undefined) => Promise<Download> {
  return async (target, note) => {
    if (note === undefined) return await fetch(target)
    const at = now()
    const began = performance.now()
    const download = await fetch(target)
    const answer = 'answer' in download ? download.answer : undefined
    const tell = (ending: Ending): void =>
      note({
        operation: 'fetch',
        at,
        ms: Math.round(performance.now() - began),
        method: target.type === 'inline' ? target.call.method : 'GET',
        path: pathText(addressOf(target), redact),
        request: null,
        status: answer?.status ?? null,
        headers: headersOf(answer?.headers ?? {}, redact),
        ...ending,
      })
    if (download.type === 'body') return { ...download, body: watched(download.body, redact, tell) }
    tell(endingOf(download, redact))
    return download
  }
}

function addressOf(target: DownloadTarget): string {
  switch (target.type) {
    case 'path':
      return target.path
    case 'url':
      return target.url
    case 'inline':
      return target.call.path
  }
}

function endingOf(download: Exclude<Download, { type: 'body' }>, redact: Redact): Ending {
  const nothing = { body: null, bytes: null, isCut: false }
  if (download.type === 'answer')
    return { ...nothing, ending: 'answered', reason: null, ...textOf(download.answer.body, redact) }
  if (download.answer !== undefined) return { ...nothing, ending: 'answered', reason: null }
  const ending = download.type === 'forbidden' ? 'not_sent' : 'no_answer'
  return { ...nothing, ending, reason: redact(download.message) }
}

function textOf(text: string, redact: Redact): Pick<Ending, 'body' | 'isCut'> {
  const clean = redact(text)
  return { body: clean.slice(0, keptCharacters).toWellFormed(), isCut: clean.length > keptCharacters }
}

/** Not a generator, because its `return` would wait until the current read has ended. */
function watched(
  body: AsyncIterable<Uint8Array>,
  redact: Redact,
  tell: (ending: Ending) => void,
): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  let bytes = 0
  let text: string | null = null
  let isTold = false
  const end = (ending: Pick<Ending, 'ending' | 'reason' | 'isCut'>): void => {
    if (isTold) return
    isTold = true
    tell({ body: null, bytes, ...(text !== null && textOf(text, redact)), ...ending })
  }
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        const step = await chunks.next()
        if (step.done === true) {
          end({ ending: 'answered', reason: null, isCut: false })
          return step
        }
        if (bytes === 0 && looksLikeText(step.value)) text = Buffer.from(step.value).toString('utf8')
        bytes += step.value.length
        return step
      } catch (error) {
        const reason = `The download was interrupted after ${bytes} bytes (${codeOf(error)}).`
        end({ ending: 'no_answer', reason, isCut: true })
        throw error
      }
    },
    async return() {
      end({ ending: 'answered', reason: null, isCut: true })
      await chunks.return?.()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
