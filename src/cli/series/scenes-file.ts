import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { CliError, exitCodes } from '../output/terminal.ts'
import { locate } from './locate.ts'
import { faultOf } from './yaml-faults.ts'
import { findLocalFiles, withinBounds } from './values.ts'

/** The gateway accepts 1 MiB of JSON. No more than that is read from a file. */
const mostBytes = 1_000_000

/** A scenes file as the body of `POST /series`. */
export interface ScenesFile {
  path: string
  body: Record<string, unknown>
  /** Of the body, so that comments and formatting of the file do not matter. */
  sha256: string
  /** `scenes.yaml:4:5` for a JSON pointer into the body, or for its nearest parent that exists. */
  placeOf(pointer: string): string
}

/** Throws `CliError` with line and column for an invalid file. */
export async function readScenesFile(path: string): Promise<ScenesFile> {
  const text = await readText(path)
  const lines = new LineCounter()
  const document = parsed(path, text, lines)
  const placeAt = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const fault = faultOf(document)
  if (fault !== null) throw refused(`${placeAt(fault.offset)} ${fault.message}`)
  const placeOf = (pointer: string): string => placeAt(locate(document, pointer))
  const body = bodyOf(path, document, placeOf)
  const [local] = findLocalFiles(body)
  if (local !== undefined)
    throw refused(
      `${placeOf(local)} ${local} names a local file. A series uploads no files: use an http or https URL.`,
    )
  const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  return { path, body, sha256, placeOf }
}

async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path).catch((error: unknown) => {
    throw new CliError(exitCodes.refused, `Cannot read ${path}.`, error)
  })
  if (bytes.length > mostBytes) throw refused(`${path} is larger than 1 MB. Divide it into several series.`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refused(`${path} is not UTF-8 text. A file of scenes is YAML.`)
  }
}

/** Reads at most one byte more than the limit. */
async function readBytes(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(mostBytes + 1)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return bytes.subarray(0, length)
  } finally {
    await file.close()
  }
}

function parsed(path: string, text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false })
  } catch (error) {
    // The parser throws this when a document is nested too deeply for it.
    if (error instanceof RangeError) throw refused(`${path} is nested too deeply.`)
    throw error
  }
}

function bodyOf(path: string, document: Document, placeOf: ScenesFile['placeOf']): Record<string, unknown> {
  const { contents } = document
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null)
  if (isEmpty) throw refused(`${path} is empty. It needs a list \`scenes\`.`)
  if (!isMap(contents))
    throw refused(`${placeOf('')} should be a map of members, such as \`name\` and \`scenes\`.`)
  const value = valueOf(path, document)
  if (!withinBounds(value)) throw refused(`${path} is too large or too deeply nested. Check its aliases.`)
  const body = Object.fromEntries(Object.entries(value))
  const { scenes } = body
  if (scenes === undefined || scenes === null) throw refused(`${path} has no scenes. Add a list \`scenes\`.`)
  if (!Array.isArray(scenes))
    throw refused(`${placeOf('/scenes')} should be a list with one entry for each scene.`)
  return { ...body, scenes: scenes.map(toScene) }
}

function valueOf(path: string, document: Document): object {
  try {
    // Aliases share their values here; the expanded size is checked afterwards.
    const value: unknown = document.toJS({ maxAliasCount: 10_000 })
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
  }
  throw refused(`${path} has too many aliases.`)
}

/** A scene that is plain text is its prompt. */
function toScene(scene: unknown): unknown {
  return typeof scene === 'string' ? { prompt: scene } : scene
}

function refused(message: string): CliError {
  return new CliError(exitCodes.refused, `${message}\nNothing was sent.`)
}
