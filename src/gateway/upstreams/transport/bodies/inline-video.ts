import { pipeline, Readable } from 'node:stream'
import { decoderFor, headBytes } from './decode-body.ts'

/**
 * Streams the bytes of the first string in a JSON response that `isVideo` recognizes as the start of a video in base64.
 * Throws if there is none.
 */
export async function* inlineVideo(
  source: AsyncIterable<Uint8Array>,
  isVideo: (head: string) => boolean,
): AsyncGenerator<Uint8Array> {
  const decode = createBase64()
  let head = ''
  let isFound = false
  for await (const { text, isEnd } of stringsIn(source)) {
    if (!isFound) {
      head += head.length < enoughToTell ? text : ''
      isFound = (isEnd || head.length >= enoughToTell) && isVideo(head.replaceAll(escapes, ''))
      if (isFound) yield decode(head.replace(/^data:[^,]{0,100},/, ''), isEnd)
    } else yield decode(text, isEnd)
    if (!isEnd) continue
    if (isFound) return
    head = ''
  }
  throw new Error('The response contains no video.')
}

const enoughToTell = 1024
/** JSON may escape slashes, and base64 may have line breaks. */
const escapes = /\\[nrt]|\\(?=\/)|\s/g

/** The contents of every string of a JSON text, in parts, as they arrive. */
async function* stringsIn(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ text: string; isEnd: boolean }> {
  let isInside = false
  let slashes = 0
  for await (const chunk of source) {
    let rest = Buffer.from(chunk).toString('latin1')
    while (rest !== '') {
      const end: number = isInside ? quoteIn(rest, slashes) : rest.indexOf('"')
      const text = end < 0 ? rest : rest.slice(0, end)
      if (isInside) yield { text, isEnd: end >= 0 }
      slashes = end < 0 ? endingSlashes(text, slashes) : 0
      isInside = end < 0 ? isInside : !isInside
      rest = end < 0 ? '' : rest.slice(end + 1)
    }
  }
}

/** The end of a string: the first quote that is not escaped; -1 if it has not arrived yet. */
function quoteIn(text: string, slashesBefore: number): number {
  let at = text.indexOf('"')
  while (at >= 0 && endingSlashes(text.slice(0, at), slashesBefore) % 2 === 1) at = text.indexOf('"', at + 1)
  return at
}

function endingSlashes(text: string, before: number): number {
  const own = /\\*$/.exec(text)?.[0].length ?? 0
  return own === text.length ? own + before : own
}

/** Decodes base64 in parts. */
function createBase64(): (text: string, isEnd: boolean) => Buffer {
  let left = ''
  return (text, isEnd) => {
    // If an escape is split, its second half comes with the next part.
    const whole = `${left}${text}`.replaceAll(escapes, '')
    const cut = isEnd ? whole.length : Math.max(0, whole.length - (whole.length % 4) - 4)
    left = whole.slice(cut)
    return Buffer.from(whole.slice(0, cut), 'base64')
  }
}

/** A body after decompression. */
export async function* decodedBody(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < headBytes) {
    const next = await iterator.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  const decoder = decoderFor(encoding, head)
  // Errors of both ends are also emitted by the decoder, which is read below.
  pipeline(Readable.from(withHead(head, iterator)), decoder, () => undefined)
  for await (const chunk of decoder) if (chunk instanceof Uint8Array) yield chunk
}

async function* withHead(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
