/** Limits for the tables of an index, from the size of the file. */
export interface TableBounds {
  fileBytes: number
}

/** Boxes whose children a parser reads. `meta` is left out: it holds titles and cover art, which are not read. */
const containers = new Set(
  'moov trak mdia minf stbl edts dinf mvex moof traf udta sinf schi wave mfra'.split(' '),
)
const maxDepth = 16
const maxTracks = 64
const maxChildren = 100_000

/** Raw and old compressed audio has more samples than bytes; 8 per byte is more than any format has. */
const samplesPerByte = 8
/** With composition offsets, a parser holds every sample in memory. Ten million are two days at 60 frames a second. */
const maxReordered = 10_000_000

/** Bytes per entry of tables that store what they count: version and flags, a count, then the entries. */
const plainTables = new Map([
  ['stts', 8],
  ['ctts', 8],
  ['stss', 4],
  ['stsc', 12],
  ['stco', 4],
  ['co64', 8],
  ['stsd', 16],
])

/**
 * Whether all counts in an index (`moov`) or a fragment (`moof`) match the data. A parser trusts these counts: a table
 * of twelve bytes that claims four billion frames keeps it busy for minutes, or fills its memory. ISO/IEC 14496-12 §8.6
 * to §8.8.
 */
export function tablesHold(content: Buffer, bounds: TableBounds): boolean {
  const seen = { tracks: 0, boxes: 0 }
  return childrenHold(content, { ...bounds, reorders: content.includes('ctts', 0, 'latin1') }, seen, 0)
}

interface Bounds extends TableBounds {
  reorders: boolean
}

function childrenHold(
  content: Buffer,
  bounds: Bounds,
  seen: { tracks: number; boxes: number },
  depth: number,
): boolean {
  if (depth > maxDepth) return false
  let position = 0
  // QuickTime ends lists of boxes with four zero bytes.
  while (position + 8 <= content.length && content.readUInt32BE(position) !== 0) {
    const size = content.readUInt32BE(position)
    const name = content.toString('latin1', position + 4, position + 8)
    if (size < 8 || position + size > content.length) return false
    if (++seen.boxes > maxChildren || (name === 'trak' && ++seen.tracks > maxTracks)) return false
    const body = content.subarray(position + 8, position + size)
    const holds = containers.has(name)
      ? childrenHold(body, bounds, seen, depth + 1)
      : tableHolds(name, body, bounds)
    if (!holds) return false
    position += size
  }
  return true
}

function tableHolds(name: string, body: Buffer, bounds: Bounds): boolean {
  const entryBytes = plainTables.get(name)
  if (entryBytes !== undefined) {
    if (body.length < 8) return false
    const count = body.readUInt32BE(4)
    return count * entryBytes <= body.length - 8 && entriesHold(name, body, count, bounds)
  }
  switch (name) {
    case 'stsz':
    case 'stz2':
      return sizesHold(name, body, bounds)
    case 'elst':
      return body.length >= 8 && body.readUInt32BE(4) * (body[0] === 1 ? 20 : 12) <= body.length - 8
    case 'trun':
      return runHolds(body, bounds)
    default:
      return true
  }
}

function entriesHold(name: string, body: Buffer, count: number, bounds: Bounds): boolean {
  const { fileBytes, reorders } = bounds
  const most = reorders ? maxReordered : fileBytes * samplesPerByte
  const entry = (index: number, bytes: number): number => body.readUInt32BE(8 + index * bytes)
  let samples = 0
  for (let index = 0; index < count; index++) {
    switch (name) {
      case 'stts':
      case 'ctts':
        samples += entry(index, 8)
        break
      case 'stsc':
        samples = Math.max(samples, body.readUInt32BE(8 + index * 12 + 4))
        break
      case 'stco':
        if (entry(index, 4) > fileBytes) return false
        break
      case 'co64':
        if (body.readBigUInt64BE(8 + index * 8) > fileBytes) return false
        break
      default:
        return true
    }
  }
  return samples <= most
}

function sizesHold(name: string, body: Buffer, { fileBytes }: Bounds): boolean {
  if (body.length < 12) return false
  const count = body.readUInt32BE(8)
  if (name === 'stz2') return (count * (body[7] ?? 0)) / 8 <= body.length - 12
  const common = body.readUInt32BE(4)
  if (common === 0) return count * 4 <= body.length - 12
  return common <= fileBytes && count <= fileBytes * samplesPerByte
}

/** The flags of a run say which values it stores per sample; without any, its count costs nothing. */
function runHolds(body: Buffer, { fileBytes }: Bounds): boolean {
  if (body.length < 8) return false
  const flags = body.readUIntBE(1, 3)
  const count = body.readUInt32BE(4)
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length * 4
  return count <= fileBytes && count <= maxReordered && count * perSample <= body.length - 8
}
