import { createHash } from 'node:crypto'
import type { Json } from '../../../domain/json.ts'
import { jsonText } from './json-text.ts'
import type { FileSource, Piece } from './file-body.ts'

/** A file that JSON contains in base64, identified by its URL. */
export type EmbeddedFile = FileSource & { url: string }

export type Embedding = 'base64' | 'data-url'

/**
 * A placeholder in JSON for the bytes of a file until they are sent, so that they are never held in memory or stored.
 * It is derived from the file's signed URL, which the author of a prompt cannot guess.
 */
export function markOf(url: string, as: Embedding): string {
  return `understudy-${as}-${createHash('sha256').update(url).digest('hex')}`
}

const mark = /(understudy-(?:base64|data-url)-[0-9a-f]{64})/

/** The files whose bytes belong in this JSON. */
export function embeddedIn<T extends EmbeddedFile>(value: Json, files: readonly T[]): T[] {
  const text = JSON.stringify(value)
  if (!mark.test(text)) return []
  return files.filter(
    ({ url }) => text.includes(markOf(url, 'base64')) || text.includes(markOf(url, 'data-url')),
  )
}

/** The JSON with its files in base64, as pieces. */
export function jsonPieces(
  value: Json,
  files: readonly EmbeddedFile[],
  integers?: readonly string[],
): Piece[] {
  const byMark = new Map(
    files.flatMap((file): Array<[string, Piece[]]> => {
      const piece = { file, as: 'base64' } as const
      const head = Buffer.from(`data:${file.contentType};base64,`)
      return [
        [markOf(file.url, 'base64'), [piece]],
        [markOf(file.url, 'data-url'), [head, piece]],
      ]
    }),
  )
  // One object per placeholder, because a file may occur more than once.
  return jsonText(value, integers)
    .split(mark)
    .flatMap(
      (text) =>
        byMark.get(text)?.map((piece) => (Buffer.isBuffer(piece) ? piece : { ...piece })) ?? [
          Buffer.from(text),
        ],
    )
}

/** The JSON for display: each file is replaced by a description. */
export function shownJson(text: string, files: readonly EmbeddedFile[]): string {
  let shown = text
  for (const { url, contentType, bytes } of files) {
    const what = `[${contentType}, ${bytes} bytes in base64]`
    shown = shown.replaceAll(markOf(url, 'base64'), what).replaceAll(markOf(url, 'data-url'), what)
  }
  return shown
}
