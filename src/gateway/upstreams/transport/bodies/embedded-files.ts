import { createHash } from 'node:crypto'
import type { Json } from '../../../domain/json.ts'
import type { FileSource, Piece } from './file-body.ts'

/** A file that JSON holds in base64, known by its address. */
export type EmbeddedFile = FileSource & { url: string }

/**
 * Stands in JSON for the bytes of a file until they are sent, so that nobody holds or stores them. It follows from the signed
 * address of the file, which nobody can guess who writes a prompt.
 */
export function markOf(url: string, as: 'base64' | 'data-url'): string {
  return `understudy-${as}-${createHash('sha256').update(url).digest('hex')}`
}

const mark = /(understudy-(?:base64|data-url)-[0-9a-f]{64})/

/** Those of the files whose bytes belong into this JSON. */
export function embeddedIn<T extends EmbeddedFile>(value: Json, files: readonly T[]): T[] {
  const text = JSON.stringify(value)
  if (!mark.test(text)) return []
  return files.filter(
    ({ url }) => text.includes(markOf(url, 'base64')) || text.includes(markOf(url, 'data-url')),
  )
}

/** The JSON with its files in base64. */
export function jsonPieces(value: Json, files: readonly EmbeddedFile[]): Piece[] {
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
  // Each its own object: one file may stand in several places.
  return JSON.stringify(value)
    .split(mark)
    .flatMap(
      (text) =>
        byMark.get(text)?.map((piece) => (Buffer.isBuffer(piece) ? piece : { ...piece })) ?? [
          Buffer.from(text),
        ],
    )
}

/** The JSON for people: what a file is stands in the place of its bytes. */
export function shownJson(text: string, files: readonly EmbeddedFile[]): string {
  let shown = text
  for (const { url, contentType, bytes } of files) {
    const what = `[${contentType}, ${bytes} bytes in base64]`
    shown = shown.replaceAll(markOf(url, 'base64'), what).replaceAll(markOf(url, 'data-url'), what)
  }
  return shown
}
