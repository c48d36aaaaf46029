import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../media/machine-fault.ts'
import type { Logger } from '../ports/logger.ts'

/** In the media folder of nodes that share a database. */
export const folderMark = 'folder-id'

/**
 * Warns if the media folder of this node is not the one that nodes of its database had before. `keep` answers the mark that the
 * database has, which is the given one if it had none.
 */
export async function checkSharedFolder({
  directory,
  keep,
  logger,
}: {
  directory: string
  keep: (mark: string) => Promise<string>
  logger: Pick<Logger, 'warn'>
}): Promise<void> {
  const file = join(directory, folderMark)
  const mark = await markOf(directory, file).catch((error: unknown) => {
    logger.warn({ err: error, file }, 'failed to check whether the media folder is shared')
    return null
  })
  if (mark === null) return
  const kept = await keep(mark)
  if (kept === mark) return
  logger.warn(
    { file, expected: kept },
    `The media folder ${directory} is not the one of the other nodes. Mount the same folder on every node, or keep media in a bucket. If this folder was moved or restored, write "${kept}" into ${file}.`,
  )
}

async function markOf(directory: string, file: string): Promise<string> {
  return (await readMark(file)) ?? makeMark(directory, file)
}

async function readMark(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

/** Of nodes that start at once, one makes it, as a whole. */
async function makeMark(directory: string, file: string): Promise<string> {
  const made = randomUUID()
  const draft = join(directory, `${folderMark}.${made}.tmp`)
  await writeFile(draft, `${made}\n`, { mode: 0o600 })
  // Fails where another node was first.
  const isFirst = await link(draft, file).then(
    () => true,
    () => false,
  )
  await rm(draft, { force: true })
  return isFirst ? made : ((await readMark(file)) ?? made)
}
