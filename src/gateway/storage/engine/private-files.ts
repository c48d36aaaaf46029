import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

const ownerOnly = 0o600

/**
 * Prompts are in the database: nobody but this process's user reads it. A new folder is made private too; a folder that is
 * there is left alone, since it may be somebody's on purpose. SQLite gives its other files the mode of the database.
 *
 * A file that is there is not opened: when a process closes any descriptor of a file, it loses all POSIX locks that it holds
 * on it, those of SQLite included.
 */
export function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  for (const name of [file, `${file}.lock`]) {
    if (!existsSync(name)) closeSync(openSync(name, 'a', ownerOnly))
  }
  for (const name of [file, `${file}.lock`, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(name)) tighten(name)
  }
}

function tighten(file: string): void {
  try {
    chmodSync(file, ownerOnly)
  } catch (error) {
    process.emitWarning(
      new Error(`${file} is readable by other users; run: chmod 600 ${file}`, { cause: error }),
    )
  }
}
