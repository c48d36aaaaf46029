import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Generated files, and files that are not text. */
const skipped = /(^|\/)(node_modules|out|dist|\.tap)(\/|$)/
const read = /\.(ts|mjs|js|json|ya?ml|md|py|go|java|html|css|toml)$/

/** Every text file in the folders, by path from the root. */
export function textFilesOf(folders: string[]): Map<string, string> {
  const files = new Map<string, string>()
  for (const folder of folders)
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
      const path = relative(root, join(entry.parentPath, entry.name))
      if (!entry.isFile() || skipped.test(path) || !read.test(path)) continue
      files.set(path, readFileSync(join(root, path), 'utf8'))
    }
  return files
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
