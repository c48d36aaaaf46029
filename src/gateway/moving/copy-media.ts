import type { MediaId } from '../domain/ids.ts'
import type { FileFacts, MediaFiles } from '../ports/media/media-files.ts'
import type { Manifest } from './manifest.ts'

/** Files under way at once. Each waits for the disk most of the time. */
const atOnce = 8

/** Changed files that one message names. */
const mostNamed = 20

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
  const changed: string[] = []
  await eachOf(from.list(), async (id) => {
    if (to === null) {
      const bytes = await from.size(id)
      if (bytes !== null) listed.push({ name: id, bytes, sha256: null, copied: false })
      return
    }
    const facts = await from.facts(id)
    // Removed since it was listed.
    if (facts === null) return
    if (isSame(await to.facts(id), facts) || (await copied(id, facts, { from, to })))
      listed.push({ name: id, ...facts, copied: true })
    else changed.push(id)
  })
  if (changed.length > 0) throw new Error(wordsFor(changed.toSorted()))
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
  const found = await to.facts(id)
  if (isSame(found, expected)) return 'kept'
  if ((await from.size(id)) === null) return 'is missing in the export'
  // First: after an interruption, the file would be kept with the pictures of another one.
  if (found !== null) await to.removePictures(id)
  return (await copied(id, expected, { from, to }))
    ? 'copied'
    : 'was changed in the export: its checksum differs'
}

/** False where the bytes are not as expected. Throws an error that names the file. */
async function copied(
  id: MediaId,
  expected: FileFacts,
  { from, to }: { from: MediaFiles; to: MediaFiles },
): Promise<boolean> {
  // Who writes only sees that a source ended early, not why.
  let unread: unknown = null
  async function* body(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* from.read(id)
    } catch (error) {
      unread = error
      throw error
    }
  }
  try {
    return await to.put(id, body(), expected)
  } catch (error) {
    const cause = unread ?? error
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${id} was not copied: ${reason}`, { cause: error })
  }
}

function wordsFor(changed: readonly string[]): string {
  const named = changed.slice(0, mostNamed).join(', ')
  const more = changed.length > mostNamed ? ` and ${changed.length - mostNamed} more` : ''
  return `The bytes of ${named}${more} are not those that were stored. Export again; if this repeats, bring back or remove these files.`
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
