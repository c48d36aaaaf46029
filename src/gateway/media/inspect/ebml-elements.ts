import { broken, createHeadReader, cutOff, maxIndexBytes } from './head-reader.ts'
import { openFile } from './open-file.ts'

/** Four times the elements of five hours at 60 frames a second in clusters of unknown size. */
const maxElements = 250_000
const headBytes = 12

const segment = 0x18_53_80_67
const cluster = 0x1f_43_b6_75
const cues = 0x1c_53_bb_6b
const tracks = 0x16_54_ae_6b
const info = 0x15_49_a9_66
const seekHead = 0x11_4d_9b_74
const tags = 0x12_54_c3_67
const indexes = new Set([cues, tracks, info, seekHead, tags])

interface Element {
  id: number
  /** The size of the content; null if unknown. */
  bytes: number | null
  headerBytes: number
}

/**
 * Describes what is wrong with the elements of a WebM or Matroska file (RFC 8794, RFC 9559); null if they are valid. No
 * element may claim more bytes than the file has, nor an index more than a parser can safely handle. Segments and
 * clusters of unknown size, as live encoders write them, are walked element by element.
 */
export function faultOfElements(path: string): string | null {
  using file = openFile(path)
  const { size } = file
  const headAt = createHeadReader(file, headBytes)
  let position = 0
  // Anything after the segment is ignored: it does not damage the video.
  let end = size
  for (let elements = 0; position < end; elements++) {
    if (elements === maxElements) return broken
    const element = elementOf(headAt(position))
    if (element === null) return size - position < headBytes ? cutOff : broken
    const { id, bytes, headerBytes } = element
    if (indexes.has(id) && (bytes ?? 0) > maxIndexBytes) return broken
    const isOpen = id === segment || (id === cluster && bytes === null)
    if (bytes === null && !isOpen) return broken
    if (bytes !== null && position + headerBytes + bytes > size) return cutOff
    if (id === segment && bytes !== null) end = Math.min(end, position + headerBytes + bytes)
    position += headerBytes + (isOpen ? 0 : (bytes ?? 0))
  }
  return null
}

/** An id of one to four bytes and a size of one to eight; null if these bytes are not an element header. */
function elementOf(head: Buffer): Element | null {
  const idBytes = Math.clz32(head[0] ?? 0) - 23
  if (idBytes > 4 || head.length < idBytes + 1) return null
  const first = head[idBytes] ?? 0
  const sizeBytes = Math.clz32(first) - 23
  if (sizeBytes > 8 || head.length < idBytes + sizeBytes) return null
  let bytes = first & (0xff >> sizeBytes)
  let isUnknown = bytes === 0xff >> sizeBytes
  for (const byte of head.subarray(idBytes + 1, idBytes + sizeBytes)) {
    bytes = bytes * 256 + byte
    isUnknown &&= byte === 0xff
  }
  return {
    id: head.readUIntBE(0, idBytes),
    bytes: isUnknown ? null : bytes,
    headerBytes: idBytes + sizeBytes,
  }
}
