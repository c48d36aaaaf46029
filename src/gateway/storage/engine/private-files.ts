import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

const ownerOnly = 0o600

/**
 * Makes the database readable by this process's user only, because it holds prompts. A new folder is made private too;
 * an existing folder is left alone, because its mode may be intended. SQLite gives its other files the mode of the
 * database.
 * An existing file is not opened: when a process closes any descriptor of a file, it loses all POSIX locks that it
 * holds on it, including SQLite's.
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
