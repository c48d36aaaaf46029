import { randomUUID } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { makeFolder, removeFile } from '../disk.ts'
import type { Disk } from '../disk.ts'

const temporaryPattern = /^(.+)~(\d+)~[0-9a-f-]{36}$/

/** How long temporary files of another machine are kept: there is no way to check whether their writer still runs. */
const foreignMs = 3600_000

export interface TemporaryFolder {
  /** A new absolute path for an incomplete file. */
  path(): string
  /** Does nothing where there is no such file. */
  remove(path: string): Promise<void>
}

/** Creates the folder and removes incomplete files of processes that no longer run. */
export async function openTemporaryFolder(folder: string, disk: Disk): Promise<TemporaryFolder> {
  const host = hostname().replaceAll(/[^\w.-]/g, '_')
  await makeFolder(disk, folder)
  await sweep(folder, host)
  return {
    path: () => join(folder, `${host}~${process.pid}~${randomUUID()}`),
    remove: removeFile,
  }
}

async function sweep(folder: string, host: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const written = await stat(path).then(
      (facts) => facts.mtimeMs,
      () => null,
    )
    if (written !== null && isLeftBehind(name, written, host))
      await rm(path, { force: true, recursive: true })
  }
}

/** Several processes may share the folder, so age alone does not distinguish a leftover from a download in progress. */
function isLeftBehind(name: string, writtenAt: number, host: string): boolean {
  if (writtenAt >= performance.timeOrigin) return false
  const [, writerHost, writerPid] = temporaryPattern.exec(name) ?? []
  if (writerHost === undefined) return true
  if (writerHost !== host) return writtenAt < performance.timeOrigin - foreignMs
  return Number(writerPid) === process.pid || !isRunning(Number(writerPid))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
