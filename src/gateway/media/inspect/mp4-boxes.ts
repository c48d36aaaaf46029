import { broken, createHeadReader, cutOff, maxIndexBytes } from './head-reader.ts'
import { openFile, type OpenFile } from './open-file.ts'
import { tablesHold } from './mp4-tables.ts'

/** Fragmented files have two boxes per fragment; this allows five hours of one-second fragments. */
const maxBoxes = 40_000
const headBytes = 16
const essential = new Set(['moov', 'moof', 'mdat'])

interface Box {
  name: string
  /** Includes the header. 0: up to the end of the file. */
  size: number
  headerBytes: number
}

/**
 * Describes what is wrong with the top-level boxes of an MP4 or QuickTime file and the tables of its indexes; null if
 * they are valid. No index or media box may claim more bytes than the file has. Other boxes may, because some encoders
 * leave such boxes after the media data, and a paid render must not be lost for that. Reads box by box, before a parser
 * sees the file.
 */
export function faultOfBoxes(path: string): string | null {
  using file = openFile(path)
  const { size } = file
  const headAt = createHeadReader(file, headBytes)
  let indexes = 0
  let position = 0
  for (let boxes = 0; position + 8 <= size; boxes++) {
    if (boxes === maxBoxes) return broken
    const box = boxOf(headAt(position))
    if (box === null) return null
    const end = box.size === 0 ? size : position + box.size
    if (end > size) return essential.has(box.name) ? cutOff : null
    if (box.name === 'moov' && ++indexes > 1) return broken
    if (!indexHolds(file, box, { position, end })) return broken
    position = end
  }
  return null
}

/** ISO/IEC 14496-12 §4.2: 32-bit size and type; size 1 means that a 64-bit size follows, size 0 means up to the end. */
function boxOf(head: Buffer): Box | null {
  const name = head.toString('latin1', 4, 8)
  const short = head.readUInt32BE(0)
  if (short !== 1) return short === 0 || short >= 8 ? { name, size: short, headerBytes: 8 } : null
  const long = head.length === 16 ? Number(head.readBigUInt64BE(8)) : 0
  return long >= 16 ? { name, size: long, headerBytes: 16 } : null
}

function indexHolds(
  file: OpenFile,
  { name, headerBytes }: Box,
  { position, end }: { position: number; end: number },
): boolean {
  if (name !== 'moov' && name !== 'moof') return true
  const bytes = end - position - headerBytes
  if (bytes > maxIndexBytes) return false
  const index = Buffer.alloc(bytes)
  file.read(index, position + headerBytes)
  return tablesHold(index, { fileBytes: file.size })
}
