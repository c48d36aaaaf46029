import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { CliError, exitCodes } from '../../output/terminal.ts'
import { ToolError } from '../tool-error.ts'

/** The one folder whose files tools may use. Paths are relative to it, or absolute and within it. */
export interface RootFolder {
  /** The real path of a picture, video or sound. */
  fileToRead(path: string): Promise<string>
  /** Where a video may be written: a folder that exists, by its real path, and a name in it. */
  placeToWrite(path: string): Promise<{ folder: string; name: string; exists: boolean }>
}

const readable = new Set(['.mp4', '.mov', '.webm', '.png', '.jpg', '.jpeg', '.webp', '.mp3', '.wav', '.m4a'])
const writable = new Set(['.mp4', '.mov', '.webm'])

/** Without a path, every use is refused. Throws a CliError if the path is not a folder. */
export async function openRootFolder(path: string | undefined): Promise<RootFolder> {
  if (path === undefined)
    return {
      fileToRead: async () => await noRoot(),
      placeToWrite: async () => await noRoot(),
    }
  const root = await realpath(path).catch(() => null)
  if (root === null || !(await stat(root)).isDirectory())
    throw new CliError(exitCodes.refused, `--root ${path} is not a folder. Create it, or name another one.`)

  /** Before the disk is asked, so that nobody learns what exists outside. `path` may be a link to the root. */
  const checkText = (asked: string) => {
    const full = resolve(root, asked)
    if (!isBelow(root, full) && !isBelow(resolve(path), full)) throw outside(asked)
  }

  return {
    async fileToRead(asked) {
      checkExtension(asked, readable)
      checkText(asked)
      const real = await realpath(resolve(root, asked)).catch(() => null)
      if (real === null) throw missing(asked, 'file')
      checkWithin(root, real, asked)
      // The name that a link leads to says what the file is.
      checkExtension(real, readable)
      if (!(await stat(real)).isFile()) throw missing(asked, 'file')
      return real
    },
    async placeToWrite(asked) {
      checkExtension(asked, writable)
      checkText(asked)
      const full = resolve(root, asked)
      const folder = await realpath(dirname(full)).catch(() => null)
      if (folder === null) throw missing(dirname(asked), 'folder')
      const name = basename(full)
      checkWithin(root, join(folder, name), asked)
      // Not followed: a link is replaced or refused, never written through.
      const found = await lstat(join(folder, name)).catch(() => null)
      return { folder, name, exists: found !== null }
    },
  }
}

async function noRoot(): Promise<never> {
  throw new ToolError(
    'no_root',
    'This server was started without --root, so it reads and writes no files.',
    'Ask the user to start `understudy mcp` with `--root FOLDER`. URLs work without it.',
  )
}

function checkWithin(root: string, real: string, asked: string): void {
  if (!isBelow(root, real)) throw outside(asked)
  if (
    relative(root, real)
      .split(sep)
      .some((name) => name.startsWith('.'))
  )
    throw new ToolError(
      'hidden_path',
      `${asked} is hidden: a name in it starts with a dot.`,
      'Use another path.',
    )
}

function isBelow(root: string, full: string): boolean {
  const below = relative(root, full)
  return below !== '' && below.split(sep)[0] !== '..' && !isAbsolute(below)
}

function outside(asked: string): ToolError {
  return new ToolError('outside_root', `${asked} is not below the folder of --root.`, 'Use a path below it.')
}

function checkExtension(path: string, allowed: ReadonlySet<string>): void {
  if (allowed.has(extname(path).toLowerCase())) return
  throw new ToolError(
    'unsupported_file',
    `${path} does not end in ${[...allowed].join(', ')}.`,
    'Use a file with one of these endings.',
  )
}

function missing(path: string, what: 'file' | 'folder'): ToolError {
  return new ToolError(
    'no_such_file',
    `There is no ${what} ${path} below the folder of --root.`,
    'Check the path.',
  )
}
