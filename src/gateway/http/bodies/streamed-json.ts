import { StringDecoder } from 'node:string_decoder'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import type { StoredMedia } from '../../services/media/media-intake.ts'
import { createBase64Text, digestOf } from './base64-text.ts'
import { mostTextBytes } from '../edge/body-budget.ts'
import { createDataUrlScanner } from './data-url-scanner.ts'
import { parseJson } from './json-body.ts'
import { createJsonWalk } from './json-faults.ts'
import type { DataUrlPlan, Uploads } from './uploads.ts'

/** What a body says, and the files of its data URLs by the pointer of their members. */
export interface StreamedBody {
  fields: unknown
  files: ReadonlyMap<string, StoredMedia>
}

/** A body in pieces. What was read too far is given back. */
interface Source {
  /** Null at the end. Throws `payload_too_large` above the route's limit. */
  next(): Promise<Buffer | null>
  giveBack(rest: Buffer): void
  end(): void
}

function createSource({ raw, routeOptions, headers }: FastifyRequest): Source {
  const most = routeOptions.bodyLimit
  if (Number(headers['content-length'] ?? 0) > most) throw tooLarge()
  // The response to a rejected body must still be sent.
  const pieces = raw.iterator({ destroyOnReturn: false })
  let back: Buffer | null = null
  let bytes = 0
  return {
    async next() {
      if (back !== null) {
        const rest = back
        back = null
        return rest
      }
      const step = await pieces.next()
      if (step.done === true) return null
      const piece: unknown = step.value
      if (!Buffer.isBuffer(piece)) throw new Error('A body was read as text.')
      bytes += piece.length
      if (bytes > most) throw tooLarge()
      return piece
    },
    giveBack(rest) {
      if (rest.length > 0) back = rest
    },
    end() {
      // Not awaited, because a stalled body never ends.
      void pieces.return?.().then(undefined, () => undefined)
    },
  }
}

function tooLarge(): Problem {
  return new Problem('payload_too_large', 'Request body is too large')
}

/**
 * Reads JSON whose data URLs go to the archive while they arrive. In their place the text has the digest of the file, so that
 * the same body is the same again; what remains of it is bounded like any other JSON. Throws what other JSON is refused
 * with, and `not_media` at the member for a data URL that holds no file.
 */
export async function readStreamedJson(
  request: FastifyRequest,
  plan: DataUrlPlan,
  uploads: Uploads,
): Promise<StreamedBody> {
  const source = createSource(request)
  const text = createText()
  const findDataUrl = createDataUrlScanner()
  const files = new Map<string, StoredMedia>()
  try {
    for (let piece = await source.next(); piece !== null; piece = await source.next()) {
      const at = findDataUrl(piece)
      text.add(at === -1 ? piece : piece.subarray(0, at))
      if (at === -1) continue
      source.giveBack(piece.subarray(at))
      const pointer = text.pointer()
      const accept = plan.get(pointer)
      if (accept === undefined) continue
      const stored = await uploads.storeBytes(decodedString(source, pointer), accept, pointer)
      files.set(pointer, stored)
      text.add(Buffer.from(digestOf(stored)))
    }
    return { fields: text.parse(), files }
  } finally {
    source.end()
  }
}

/** The bytes of base64 up to the quotation mark that ends its string, which is given back. */
async function* decodedString(source: Source, pointer: string): AsyncGenerator<Uint8Array> {
  const base64 = createBase64Text(pointer)
  let left = ''
  for (let piece = await source.next(); piece !== null; piece = await source.next()) {
    const end = piece.indexOf('"')
    const text = left + piece.toString('latin1', 0, end === -1 ? piece.length : end)
    if (end !== -1) {
      source.giveBack(piece.subarray(end))
      yield base64.decode(unescaped(text))
      yield base64.end()
      return
    }
    // An escape that is cut in two.
    left = /\\(?:u[\dA-Fa-f]{0,3})?$/.exec(text)?.[0] ?? ''
    yield base64.decode(unescaped(text.slice(0, text.length - left.length)))
  }
  throw new Problem('malformed_body', 'The body ends inside a string.')
}

/** PHP escapes the slash, .NET the plus. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text
    .replaceAll(String.raw`\/`, '/')
    .replaceAll(/\\u00([\dA-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The text of a body without its files. */
function createText() {
  const pieces: Buffer[] = []
  const decoder = new StringDecoder('utf8')
  const json = createJsonWalk()
  let bytes = 0
  let isWalked = 0
  return {
    add(piece: Buffer): void {
      bytes += piece.length
      if (bytes > mostTextBytes) {
        const detail = 'The body is too large: without its data URLs, the limit is 1 MiB.'
        throw new Problem('payload_too_large', detail)
      }
      pieces.push(piece)
    },
    /** Of the member whose value is being read. Throws what is wrong with the text up to there. */
    pointer(): string {
      const fresh = Buffer.concat(pieces.slice(isWalked))
      isWalked = pieces.length
      const fault = json.walk(decoder.write(fresh))
      if (fault !== null) throw fault
      return json.pointer()
    },
    parse: (): unknown => (bytes === 0 ? undefined : parseJson(Buffer.concat(pieces))),
  }
}
