import type { MediaId } from '../domain/ids.ts'
import type { FileFacts, MediaFiles } from '../ports/media/media-files.ts'
import type { Manifest } from './manifest.ts'

/** Files under way at once. Each waits for the disk most of the time. */
const atOnce = 8

export interface MediaReport {
  files: number
  bytes: number
  /** Already there, with the same bytes. */
  kept: number
  /** What is not there as the manifest says, for people. */
  problems: string[]
}

type Listed = Manifest['media']

/** Lists the files of an archive for a manifest, and copies their bytes where `to` is given. Those that are there are kept. */
export async function exportMedia(from: MediaFiles, to: MediaFiles | null): Promise<Listed> {
  const listed: Listed = []
  await eachOf(from.list(), async (id) => {
    if (to === null) {
      const bytes = await from.size(id)
      if (bytes !== null) listed.push({ name: id, bytes, sha256: null, copied: false })
      return
    }
    const facts = await from.facts(id)
    // Removed since it was listed.
    if (facts === null) return
    if (!isSame(await to.facts(id), facts)) {
      const written = await to.put(id, from.read(id), facts)
      if (!isSame(written, facts)) throw new Error(`${id} was changed while it was copied. Export again.`)
    }
    listed.push({ name: id, ...facts, copied: true })
  })
  return listed.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/**
 * Copies the files of a manifest into an archive, unless they are there, and checks each against its checksum. Goes on after a file
 * that is missing or changed.
 */
export async function importMedia(
  listed: Listed,
  from: MediaFiles,
  to: MediaFiles,
  isMediaId: (name: string) => name is MediaId,
): Promise<MediaReport> {
  const report: MediaReport = { files: 0, bytes: 0, kept: 0, problems: [] }
  await eachOf(listed.values(), async ({ name, bytes, sha256 }) => {
    const placed = isMediaId(name)
      ? await place(name, sha256 === null ? { bytes, sha256: null } : { bytes, sha256 }, { from, to })
      : 'is no name of a media file'
    if (placed !== 'kept' && placed !== 'copied') return void report.problems.push(`${name} ${placed}`)
    report.files++
    report.bytes += bytes
    if (placed === 'kept') report.kept++
  })
  report.problems.sort()
  return report
}

async function place(
  id: MediaId,
  { bytes, sha256 }: { bytes: number; sha256: string | null },
  { from, to }: { from: MediaFiles; to: MediaFiles },
): Promise<string> {
  // The export was made without the bytes: the archive must have them.
  if (sha256 === null)
    return (await to.size(id)) === bytes
      ? 'kept'
      : 'is not in the archive, and was exported without its bytes'
  const expected = { bytes, sha256 }
  if (isSame(await to.facts(id), expected)) return 'kept'
  if ((await from.size(id)) === null) return 'is missing in the export'
  const written = await to.put(id, from.read(id), expected)
  return isSame(written, expected) ? 'copied' : 'was changed in the export: its checksum differs'
}

function isSame(found: FileFacts | null, expected: FileFacts): boolean {
  return found !== null && found.bytes === expected.bytes && found.sha256 === expected.sha256
}

/** Works on some at once, and stops at the first error. */
async function eachOf<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const shared = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let failed = false
  async function worker(): Promise<void> {
    while (!failed) {
      const next = await shared.next()
      if (next.done === true) return
      try {
        await work(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
