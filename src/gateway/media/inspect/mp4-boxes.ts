import { open, type FileHandle } from 'node:fs/promises'
import { broken, createHeadReader, cutOff, maxIndexBytes } from './head-reader.ts'
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
export async function faultOfBoxes(file: string): Promise<string | null> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const headAt = createHeadReader(handle, headBytes)
    let indexes = 0
    let position = 0
    for (let boxes = 0; position + 8 <= size; boxes++) {
      if (boxes === maxBoxes) return broken
      const box = boxOf(await headAt(position))
      if (box === null) return null
      const end = box.size === 0 ? size : position + box.size
      if (end > size) return essential.has(box.name) ? cutOff : null
      if (box.name === 'moov' && ++indexes > 1) return broken
      if (!(await indexHolds(handle, box, { position, end, fileBytes: size }))) return broken
      position = end
    }
    return null
  } finally {
    await handle.close()
  }
}

/** ISO/IEC 14496-12 §4.2: 32-bit size and type; size 1 means that a 64-bit size follows, size 0 means up to the end. */
function boxOf(head: Buffer): Box | null {
  const name = head.toString('latin1', 4, 8)
  const short = head.readUInt32BE(0)
  if (short !== 1) return short === 0 || short >= 8 ? { name, size: short, headerBytes: 8 } : null
  const long = head.length === 16 ? Number(head.readBigUInt64BE(8)) : 0
  return long >= 16 ? { name, size: long, headerBytes: 16 } : null
}

async function indexHolds(
  handle: FileHandle,
  { name, headerBytes }: Box,
  { position, end, fileBytes }: { position: number; end: number; fileBytes: number },
): Promise<boolean> {
  if (name !== 'moov' && name !== 'moof') return true
  const bytes = end - position - headerBytes
  if (bytes > maxIndexBytes) return false
  const { buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, position + headerBytes)
  return tablesHold(buffer, { fileBytes })
}
