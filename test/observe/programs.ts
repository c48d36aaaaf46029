import { execFile, spawnSync } from 'node:child_process'
import { env } from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Why a test that needs these programs is skipped; false where the machine has them. CI has to have them. */
export function skipWithout(...programs: string[]): string | false {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined)
  if (missing.length === 0) return false
  const reason = `not installed: ${missing.join(', ')}`
  if (env['CI'] === 'true') throw new Error(reason)
  return reason
}

/** Null if promtool finds nothing wrong, or what it says. */
export async function promtool(...args: string[]): Promise<string | null> {
  try {
    await run('promtool', args, { timeout: 240_000 })
    return null
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) throw error
    return `${String(error.stdout)}${String(error.stderr)}`
  }
}
