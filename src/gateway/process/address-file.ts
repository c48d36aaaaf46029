import { renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes the address (`http://host:port`) for `.tooling/health.mjs`, so that a health check asks the port that is served, whatever
 * the configuration file says by now. Answers why it cannot, else null.
 */
export function writeAddressFile(file: string, address: string): string | null {
  try {
    // Whoever reads it meanwhile sees all of it, or nothing.
    writeFileSync(`${file}.new`, `${address}\n`)
    renameSync(`${file}.new`, file)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Without the file, a health check fails at once instead of asking whoever has the port next. */
export function removeAddressFile(file: string): void {
  rmSync(file, { force: true })
}
